import { failTask } from '../tasks/settlement.ts';
import { isEnded, type Task } from '../tasks/task.ts';

export type CancelDecision = { cancelled: true; task: Task } | { cancelled: false; reason: string };

/** A task can be cancelled until a worker has begun to hand it to the provider. */
export const cancel = (task: Task, nowMs: number): CancelDecision => {
  if (isEnded(task)) return { cancelled: false, reason: 'The task has already ended.' };
  if (task.state !== 'queued')
    return {
      cancelled: false,
      reason: 'The task is already with its provider, which cannot stop a render. It will end by itself.',
    };
  const cancelled = failTask(task, { code: 'cancelled', reason: 'Cancelled by the caller.' }, nowMs);
  return { cancelled: true, task: cancelled };
};
