import type { Queue, QueueRequest } from '../queue/queue.ts';
import type { Observer } from '../tasks/observed-task-store.ts';
import { isEnded, type VideoTask } from '../tasks/task.ts';

/** The task as the queue knows it. The provider counts its slots by model. */
export const queueRequestOf = ({ id, createdAtMs, workspaceId, resolvedModel }: VideoTask): QueueRequest => ({
  taskId: id,
  createdAtMs,
  workspaceId,
  model: resolvedModel,
});

/** However a video ends, it gives back what it held in the queue or waited for, and the next one is woken at once. */
export const createFreeSlot =
  (queue: Pick<Queue, 'release'>): Observer =>
  async (before, after) => {
    if (before.kind !== 'video' || before.state === 'ended' || !isEnded(after)) return;
    await queue.release(queueRequestOf(before), before.membership);
  };
