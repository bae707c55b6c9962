import type { Observer } from './observed-task-store.ts';
import { isEnded, type Task } from './task.ts';

/** Settles a task's budget as soon as a change has ended it. */
export const createSettleAtEnd =
  (settleBudget: (task: Task) => Promise<void>): Observer =>
  async (before, after) => {
    if (!isEnded(before) && isEnded(after)) await settleBudget(after);
  };
