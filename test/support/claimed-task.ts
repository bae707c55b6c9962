import { claimSubmission } from '../../lib/tasks/claim.ts';
import { afterStart } from '../../lib/tasks/submission.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aTask, startMs } from './a-task.ts';

/** Where nobody waits, and no workspace has a limit. */
export const claimAt = (task: Task, nowMs: number) => claimSubmission(task, nowMs, undefined, 'unlimited');

/** The task as a worker has claimed it, at `atMs`, to create it. */
export const claimed = (task: Task = aTask(), atMs = startMs): Task => {
  const claim = claimAt(task, atMs);
  if (claim.do !== 'create') throw new Error(`expected to create, but ${claim.do}`);
  return claim.task;
};

/** The task after a create at the start had no answer and was then looked up in vain so often. */
export const unanswered = (lookUps = 0): Task => {
  const task = claimed();
  const unclear = afterStart(task, task, { status: 'unclear', detail: 'timed out' }, startMs, 0.5);
  if (unclear === undefined) throw new Error('expected a change');
  return { ...unclear, submission: { ...unclear.submission, lookUps } };
};
