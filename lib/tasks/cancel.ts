import { settle } from './settlement.ts';
import type { Task } from './task.ts';

export type CancelDecision = { cancelled: true; task: Task } | { cancelled: false; reason: string };

/** A task can be called off until somebody has begun to hand it to the provider. */
export const cancel = (task: Task, nowMs: number): CancelDecision => {
  const { leaseUntilMs = 0, unansweredSinceMs } = task.submission;
  if (task.status === 'SUCCESS' || task.status === 'FAILURE')
    return { cancelled: false, reason: 'The task has already ended.' };
  if (task.status !== 'NOT_START' || leaseUntilMs > nowMs || unansweredSinceMs !== undefined)
    return {
      cancelled: false,
      reason: 'The task is already with the provider, and Kling cannot stop a render. It will end by itself.',
    };
  return {
    cancelled: true,
    task: settle(task, { status: 'FAILURE', failReason: 'Cancelled by the caller.' }, nowMs),
  };
};
