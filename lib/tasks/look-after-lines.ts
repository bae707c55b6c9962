import { $ZodError } from 'zod/v4/core';
import type { Log } from '../log.ts';
import type { Clock } from '../time.ts';
import { isAbandoned, type Place, taskIdAt } from './line.ts';
import type { TaskStore } from './task-store.ts';
import type { WaitingLine } from './waiting-line.ts';
import type { WakeUps } from './wake-ups.ts';

export type LookAfterLinesDependencies = {
  tasks: Pick<TaskStore, 'find'>;
  line: Pick<WaitingLine, 'lines' | 'first' | 'leave'>;
  wakeUps: Pick<WakeUps, 'submit'>;
  now: Clock;
  log: Log;
};

/** So many places are cleared at once; the next sweep goes on. */
const mostCleared = 100;

/**
 * Wakes whoever has the turn in each line, and clears places at which nobody waits any more: the one before may have
 * died, or its wake-up may be lost. Never throws: the sweep has more to do.
 */
export const createLookAfterLines = ({ tasks, line, wakeUps, now, log }: LookAfterLinesDependencies) => {
  /** A task that cannot be read must not keep the others waiting. */
  const isInTheWay = async (place: Place): Promise<boolean> => {
    const taskId = taskIdAt(place);
    try {
      return isAbandoned(await tasks.find(taskId), place, now());
    } catch (error) {
      if (!(error instanceof $ZodError)) throw error;
      log.error('a task loses its place in the line, since it could not be read', { taskId, error });
      return true;
    }
  };

  const lookAfter = async (name: string): Promise<void> => {
    for (let cleared = 0; cleared < mostCleared; cleared += 1) {
      const first = await line.first(name);
      if (first === undefined) return;
      if (!(await isInTheWay(first))) return wakeUps.submit({ taskId: taskIdAt(first) });
      await line.leave(name, first);
    }
  };

  return async (): Promise<void> => {
    try {
      await Promise.all((await line.lines()).map(lookAfter));
    } catch (error) {
      log.error('who waits for a slot could not be woken', { error });
    }
  };
};
