import type { Attempt, AttemptStore } from '../../callbacks/attempt-store.ts';
import { invalidRequest } from '../../errors.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import { toEpochSeconds } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { durationsOnWire } from '../durations.ts';
import { findOwnTask } from '../find-task.ts';
import { readLimit, readQuery } from '../read-query.ts';

type Dependencies = { tasks: TaskStore; attempts: Pick<AttemptStore, 'list'> };

/** `GET /v1/video/generations/{task_id}/deliveries`: each attempt to tell the client of a task, newest first. */
export const createListDeliveries =
  ({ tasks, attempts }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(c, tasks);
    const { limit, after } = readPage(c);
    const page = await attempts.list(task.id, { limit, ...(after !== undefined && { after }) });
    return c.json({
      object: 'list',
      data: page.attempts.map(attemptOnWire),
      has_more: page.hasMore,
      last_id: page.attempts.at(-1)?.id ?? null,
    });
  };

const readPage = (c: ApiContext): { limit: number; after: string | undefined } => {
  const query = readQuery(c, ['limit', 'after']);
  const { limit, problems } = readLimit(query.limit);
  const { after } = query;
  if (after !== undefined && !/^att_[0-9a-f]{22}$/.test(after))
    problems.push({ param: 'after', message: 'must be the last_id of the page before.' });
  if (problems.length > 0) throw invalidRequest(problems);
  return { limit, after };
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
