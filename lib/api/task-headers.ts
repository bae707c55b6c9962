import { nextPoll } from '../tasks/poll-schedule.ts';
import type { QueueStanding } from '../tasks/queue-standing.ts';
import { isEnded, type Task } from '../tasks/task.ts';
import { secondMs } from '../time.ts';
import type { ApiContext } from './context.ts';

/** OpenAI's SDKs give up on longer waits. */
const maxRetryAfterSeconds = 60;

/** Names the model that serves, where it is not the one asked for. */
export const setModelHeader = (c: ApiContext, task: Pick<Task, 'model' | 'resolvedModel'>): void => {
  if (task.resolvedModel !== task.model) c.header('x-clear-resolved-model', task.resolvedModel);
};

/**
 * Tells a polling client when to look again: when we do, from the same table. A task that waits in a line begins when its
 * turn comes, as far as that is known.
 */
export const setPollHeaders = (c: ApiContext, task: Task, nowMs: number, standing?: QueueStanding): void => {
  if (isEnded(task)) return;
  const submittedAtMs = task.submittedAtMs ?? standing?.startMs ?? nowMs;
  const waitSeconds = Math.ceil((nextPoll({ ...task, submittedAtMs }, 0, nowMs).atMs - nowMs) / secondMs);
  const seconds = Math.min(waitSeconds, maxRetryAfterSeconds);
  c.header('retry-after', String(seconds));
  c.header('openai-poll-after-ms', String(seconds * secondMs));
};
