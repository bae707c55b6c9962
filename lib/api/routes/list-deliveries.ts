import type { Attempt, AttemptStore } from '../../callbacks/attempt-store.ts';
import { invalidRequest } from '../../errors.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import { toEpochSeconds } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { durationsOnWire } from '../durations.ts';
import { findOwnTask } from '../find-task.ts';

type Dependencies = { tasks: TaskStore; attempts: Pick<AttemptStore, 'list'> };

const usualLimit = 20;
const mostLimit = 100;

/** `GET /v1/video/generations/{task_id}/deliveries`: each attempt to tell the client of a task, newest first. */
export const createListDeliveries =
  ({ tasks, attempts }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(tasks, c.get('workspace').id, c.req.param('task_id') ?? '');
    const limit = readLimit(c.req.query('limit'));
    const after = readAfter(c.req.query('after'));
    const page = await attempts.list(task.id, { limit, ...(after !== undefined && { after }) });
    return c.json({
      object: 'list',
      data: page.attempts.map(attemptOnWire),
      has_more: page.hasMore,
      last_id: page.attempts.at(-1)?.id ?? null,
    });
  };

const readLimit = (text: string | undefined): number => {
  const limit = text === undefined ? usualLimit : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostLimit) return limit;
  throw invalidRequest([{ param: 'limit', message: `must be a whole number from 1 to ${mostLimit}.` }]);
};

const readAfter = (text: string | undefined): string | undefined => {
  if (text === undefined || /^att_[0-9a-f]{22}$/.test(text)) return text;
  throw invalidRequest([{ param: 'after', message: 'must be the last_id of the page before.' }]);
};

const attemptOnWire = (attempt: Attempt) => ({
  id: attempt.id,
  event_id: attempt.eventId,
  type: attempt.type,
  attempt: attempt.attempt ?? null,
  trigger: attempt.trigger,
  started_at: toEpochSeconds(attempt.startedAtMs),
  status_code: attempt.statusCode ?? null,
  outcome: attempt.delivered ? 'delivered' : 'failed',
  error_class: attempt.errorClass ?? null,
  cause: attempt.cause ?? null,
  durations_ms: durationsOnWire(attempt.durationsMs),
  next_attempt_at: attempt.nextAttemptAtMs === undefined ? null : toEpochSeconds(attempt.nextAttemptAtMs),
});
