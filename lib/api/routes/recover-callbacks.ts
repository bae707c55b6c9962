import type { StartRecovery } from '../../callbacks/recovery.ts';
import { ApiError, invalidRequest, type Problem } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { type Clock, dayMs, minuteMs, secondMs, toEpochSeconds } from '../../time.ts';
import { readJsonBody } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';

type Dependencies = { startRecovery: StartRecovery; now: Clock };

const maxAgoMs = 14 * dayMs;
/** For a caller whose clock is slow, or who took a while to compute "14 days ago". */
const slackMs = 5 * minuteMs;

/** `POST /v1/callbacks/recover`: sends all events of a time again that never arrived, in the background. */
export const createRecoverCallbacks =
  ({ startRecovery, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const { since, until } = await readJsonBody(c);
    const nowMs = now();
    const sinceMs = readTime(since);
    const untilMs = until === undefined ? nowMs : readTime(until);
    const [first, ...more] = problemsOf({ sinceMs, untilMs, nowMs });
    if (first !== undefined) throw invalidRequest([first, ...more]);
    const outcome = await startRecovery(c.get('workspace').id, { sinceMs, untilMs });
    const range = outcome === 'begun' ? { sinceMs, untilMs } : outcome;
    // One that runs and does as much is what a repeat asks for.
    if (range.sinceMs > sinceMs || range.untilMs < untilMs - slackMs) throw alreadyRunning(range);
    return c.json(
      {
        object: 'callback.recovery',
        since: toEpochSeconds(range.sinceMs),
        until: toEpochSeconds(range.untilMs),
      },
      202,
    );
  };

const alreadyRunning = ({ sinceMs, untilMs }: { sinceMs: number; untilMs: number }): ApiError =>
  new ApiError(
    `A recovery of your workspace is running, from ${toEpochSeconds(sinceMs)} to ${toEpochSeconds(untilMs)}. Start the next one when it has ended.`,
    { status: 409, code: 'recovery_in_progress', headers: { 'retry-after': '30' } },
  );

/** Unix seconds, as a number or its digits, or ISO 8601 with its zone. Not a number if it is neither. */
const readTime = (value: Json | undefined): number => {
  if (typeof value === 'number') return value * secondMs;
  if (typeof value !== 'string') return Number.NaN;
  if (/^\d{1,15}$/.test(value)) return Number(value) * secondMs;
  return /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(value) ? Date.parse(value) : Number.NaN;
};

const timeForm = 'must be a time in Unix seconds or as text such as "2026-11-22T09:30:00Z"';
/** No time of these years in seconds is that large, and every one in milliseconds is. */
const isInMilliseconds = (timeMs: number): boolean => timeMs > 1e11 * secondMs;
const secondsMeant = 'must be in seconds; this looks like milliseconds. Divide it by 1000.';

type Range = { sinceMs: number; untilMs: number; nowMs: number };

const problemsOf = ({ sinceMs, untilMs, nowMs }: Range): Problem[] => {
  const sinceProblem = sinceProblemOf(sinceMs, nowMs);
  const untilProblem = untilProblemOf(untilMs, sinceMs);
  return [
    ...(sinceProblem === undefined ? [] : [{ param: 'since', message: sinceProblem }]),
    ...(untilProblem === undefined ? [] : [{ param: 'until', message: untilProblem }]),
  ];
};

const sinceProblemOf = (sinceMs: number, nowMs: number): string | undefined => {
  if (Number.isNaN(sinceMs)) return `${timeForm}.`;
  if (isInMilliseconds(sinceMs)) return secondsMeant;
  if (sinceMs < nowMs - maxAgoMs - slackMs) return 'must not be more than 14 days ago.';
  return sinceMs > nowMs + slackMs ? 'must not lie in the future.' : undefined;
};

const untilProblemOf = (untilMs: number, sinceMs: number): string | undefined => {
  if (Number.isNaN(untilMs)) return `${timeForm}, or left out.`;
  if (isInMilliseconds(untilMs)) return secondsMeant;
  return untilMs < sinceMs ? 'must not lie before since.' : undefined;
};
