import type { Log } from '../log.ts';
import type { Clock } from '../time.ts';
import { findReadable } from './find-readable.ts';
import type { InFlight } from './in-flight.ts';
import { isAbandoned, type Place, taskIdAt, workspaceOfLine } from './line.ts';
import { createLookAfterInFlight } from './look-after-in-flight.ts';
import type { TaskStore } from './task-store.ts';
import type { WaitingLine } from './waiting-line.ts';
import type { WakeUps } from './wake-ups.ts';

export type LookAfterLinesDependencies = {
  tasks: Pick<TaskStore, 'find'>;
  line: Pick<WaitingLine, 'lines' | 'first' | 'leave'>;
  inFlight: Pick<InFlight, 'list' | 'remove'>;
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
export const createLookAfterLines = (dependencies: LookAfterLinesDependencies) => {
  const { tasks, line, wakeUps, now, log } = dependencies;
  const lookAfterInFlight = createLookAfterInFlight(dependencies);

  const isInTheWay = async (name: string, place: Place): Promise<boolean> =>
    isAbandoned(await findReadable(tasks, taskIdAt(place), log), name, place, now());

  /** Who has the turn after that. */
  const clearPlaces = async (name: string): Promise<Place | undefined> => {
    for (let cleared = 0; cleared < mostCleared; cleared += 1) {
      const first = await line.first(name);
      if (first === undefined || !(await isInTheWay(name, first))) return first;
      await line.leave(name, first);
    }
    return undefined;
  };

  const lookAfter = async (name: string): Promise<void> => {
    const first = await clearPlaces(name);
    if (first === undefined) return;
    const workspaceId = workspaceOfLine(name);
    if (workspaceId !== undefined) await lookAfterInFlight(workspaceId);
    await wakeUps.submit({ taskId: taskIdAt(first) });
  };

  return async (): Promise<void> => {
    try {
      await Promise.all((await line.lines()).map(lookAfter));
    } catch (error) {
      log.error('who waits for a slot could not be woken', { error });
    }
  };
};
