import { lineOf } from './line.ts';
import { isEnded, type Task } from './task.ts';
import type { WaitingLine } from './waiting-line.ts';
import { createWakeFirst } from './wake-first.ts';
import type { WakeUps } from './wake-ups.ts';

/** Lets the next one try for the slot of a task that had to wait for its own. Other ends cost nothing. */
export const createLetNextIn = (line: Pick<WaitingLine, 'first'>, wakeUps: Pick<WakeUps, 'submit'>) => {
  const wakeFirst = createWakeFirst(line, wakeUps);
  return async (task: Task): Promise<void> => {
    if (isEnded(task) && task.submission.hasWaited) await wakeFirst(lineOf(task));
  };
};
