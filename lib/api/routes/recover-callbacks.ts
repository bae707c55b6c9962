import type { StartRecovery } from '../../callbacks/recovery.ts';
import { ApiError, invalidRequest, type Problem } from '../../errors.ts';
import { type Clock, dayMs, minuteMs, toEpochSeconds } from '../../time.ts';
import { readExactFields } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { readTime, timeProblem } from '../read-time.ts';

type Dependencies = { startRecovery: StartRecovery; now: Clock };

const maxAgoMs = 14 * dayMs;
/** For a caller whose clock is slow, or who took a while to compute "14 days ago". */
const slackMs = 5 * minuteMs;

/** `POST /v1/callbacks/recover`: sends all events of a time again that never arrived, in the background. */
export const createRecoverCallbacks =
  ({ startRecovery, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const { since, until } = await readExactFields(c, ['since', 'until']);
    const nowMs = now();
    const sinceMs = readTime(since);
    const untilMs = until === undefined ? nowMs : readTime(until);
    const problems = problemsOf({ sinceMs, untilMs, nowMs });
    if (problems.length > 0) throw invalidRequest(problems);
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

type Range = { sinceMs: number; untilMs: number; nowMs: number };

const problemsOf = ({ sinceMs, untilMs, nowMs }: Range): Problem[] => {
  const since = sinceProblemOf(sinceMs, nowMs);
  const isTooEarly = since === undefined && untilMs < sinceMs;
  const until = timeProblem(untilMs, true) ?? (isTooEarly ? 'must not lie before since.' : undefined);
  const messages = { since, until };
  return Object.entries(messages).flatMap(([param, message]) =>
    message === undefined ? [] : [{ param, message }],
  );
};

const sinceProblemOf = (sinceMs: number, nowMs: number): string | undefined => {
  const problem = timeProblem(sinceMs, false);
  if (problem !== undefined) return problem;
  if (sinceMs < nowMs - maxAgoMs - slackMs) return 'must not be more than 14 days ago.';
  return sinceMs > nowMs + slackMs ? 'must not lie in the future.' : undefined;
};
