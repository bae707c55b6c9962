import type { ContinueRecovery } from '../../callbacks/recovery.ts';
import { invalidRequest, type Problem } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { type Clock, dayMs, minuteMs, secondMs, toEpochSeconds } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { readJsonBody } from '../json-body.ts';

type Dependencies = { continueRecovery: ContinueRecovery; now: Clock };

const longestAgoMs = 14 * dayMs;
/** For a caller whose clock is slow, or who took a while to compute "14 days ago". */
const slackMs = 5 * minuteMs;

/** `POST /v1/callbacks/recover`: sends all events of a time again that never arrived, in the background. */
export const createRecoverCallbacks =
  ({ continueRecovery, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const { since, until } = await readJsonBody(c);
    const nowMs = now();
    const sinceMs = readTime(since);
    const untilMs = until === undefined || until === null ? nowMs : readTime(until);
    const [first, ...more] = problemsOf({ sinceMs, untilMs, nowMs });
    if (first !== undefined) throw invalidRequest([first, ...more]);
    await continueRecovery({ workspaceId: c.get('workspace').id, sinceMs, untilMs });
    const range = { since: toEpochSeconds(sinceMs), until: toEpochSeconds(untilMs) };
    return c.json({ object: 'callback.recovery', ...range }, 202);
  };

/** Unix seconds, or ISO 8601 with its zone. Not a number if it is neither. */
const readTime = (value: Json | undefined): number => {
  if (typeof value === 'number') return value * secondMs;
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
};

const timeForm = 'must be a time in Unix seconds or as text such as "2026-11-22T09:30:00Z"';

type Range = { sinceMs: number; untilMs: number; nowMs: number };

const problemsOf = ({ sinceMs, untilMs, nowMs }: Range): Problem[] => {
  const problems: Problem[] = [];
  if (Number.isNaN(sinceMs)) problems.push({ param: 'since', message: `${timeForm}.` });
  if (sinceMs < nowMs - longestAgoMs - slackMs)
    problems.push({ param: 'since', message: 'must not be more than 14 days ago.' });
  if (sinceMs > nowMs + slackMs) problems.push({ param: 'since', message: 'must not lie in the future.' });
  if (Number.isNaN(untilMs)) problems.push({ param: 'until', message: `${timeForm}, or left out.` });
  if (untilMs < sinceMs) problems.push({ param: 'until', message: 'must not lie before since.' });
  return problems;
};
