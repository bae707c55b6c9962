import type { InFlight } from './in-flight.ts';
import { modelLineOf, workspaceLineOf } from './line.ts';
import { isEnded, type Task } from './task.ts';
import type { WaitingLine } from './waiting-line.ts';
import { createWakeFirst } from './wake-first.ts';
import type { WakeUps } from './wake-ups.ts';

export type LetNextInDependencies = {
  line: Pick<WaitingLine, 'first'>;
  inFlight: Pick<InFlight, 'remove'>;
  wakeUps: Pick<WakeUps, 'submit'>;
};

/**
 * Lets others try for what a task that has ended leaves free: its slot at the provider, if it had to wait for it, and
 * its share in what its workspace may have in flight. Other ends cost nothing.
 */
export const createLetNextIn = ({ line, inFlight, wakeUps }: LetNextInDependencies) => {
  const wakeFirst = createWakeFirst(line, wakeUps);
  return async (task: Task): Promise<void> => {
    if (!isEnded(task)) return;
    if (task.submission.counted) {
      await inFlight.remove(task.workspaceId, task.id);
      await wakeFirst(workspaceLineOf(task));
    }
    if (task.submission.hasWaited) await wakeFirst(modelLineOf(task));
  };
};
