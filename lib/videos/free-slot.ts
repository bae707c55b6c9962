import type { Queue, QueueRequest } from '../queue/queue.ts';
import type { Observer } from '../tasks/observed-task-store.ts';
import { isEnded, type VideoTask } from '../tasks/task.ts';

/** The task as the queue knows it. The provider counts its slots by model, the sandbox for each workspace by itself. */
export const queueRequestOf = (task: VideoTask): QueueRequest => {
  const { id, createdAtMs, workspaceId, resolvedModel, livemode } = task;
  return {
    taskId: id,
    createdAtMs,
    workspaceId,
    model: livemode ? resolvedModel : `sandbox/${workspaceId}/${resolvedModel}`,
  };
};

/** However a video ends, it gives back what it held in the queue or waited for, and the next one is woken at once. */
export const createFreeSlot =
  (queue: Pick<Queue, 'release'>): Observer =>
  async (before, after) => {
    if (before.kind !== 'video' || before.state === 'ended' || !isEnded(after)) return;
    await queue.release(queueRequestOf(before), before.membership);
  };
