import { taskIdAt } from './line.ts';
import type { WaitingLine } from './waiting-line.ts';
import type { WakeUps } from './wake-ups.ts';

/** Wakes whoever has the turn in a line, if anybody waits there. */
export const createWakeFirst =
  (line: Pick<WaitingLine, 'first'>, wakeUps: Pick<WakeUps, 'submit'>) =>
  async (name: string): Promise<void> => {
    const first = await line.first(name);
    if (first !== undefined) await wakeUps.submit({ taskId: taskIdAt(first) });
  };
