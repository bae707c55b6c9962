import type { InFlight } from './in-flight.ts';
import { isBehind, placeIn, workspaceLineOf } from './line.ts';
import type { Task } from './task.ts';
import type { WaitingLine } from './waiting-line.ts';

/**
 * Whether a task may be in flight beside the others of its workspace: there is no limit, it counts among them, or there
 * are as many as may be.
 */
export type Admission = 'unlimited' | 'counted' | 'full';

export type AdmissionDependencies = {
  line: Pick<WaitingLine, 'first' | 'glance'>;
  inFlight: Pick<InFlight, 'add' | 'list'>;
  /** How many videos of a workspace may be in flight at once; `undefined`: any number. */
  maxInFlight: (workspaceId: string) => Promise<number | undefined>;
};

/** Counts a task among those in flight, if it has the turn in its workspace and there is room. */
export const createAdmit =
  ({ line, inFlight, maxInFlight }: AdmissionDependencies) =>
  async (task: Task): Promise<Admission> => {
    const { id, workspaceId } = task;
    const most = await maxInFlight(workspaceId);
    if (most === undefined) return 'unlimited';
    const name = workspaceLineOf(task);
    const first = await (placeIn(name, task) === undefined ? line.glance(name) : line.first(name));
    // A worker may have died when it had counted the task, but not yet written that down.
    const isCounted = isBehind(name, task, first)
      ? (await inFlight.list(workspaceId)).includes(id)
      : await inFlight.add(workspaceId, id, most);
    return isCounted ? 'counted' : 'full';
  };
