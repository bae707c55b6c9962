import type { Log } from '../log.ts';
import { findReadable } from './find-readable.ts';
import type { InFlight } from './in-flight.ts';
import { isEnded } from './task.ts';
import type { TaskStore } from './task-store.ts';
import type { WakeUps } from './wake-ups.ts';

export type LookAfterInFlightDependencies = {
  tasks: Pick<TaskStore, 'find'>;
  inFlight: Pick<InFlight, 'list' | 'remove'>;
  wakeUps: Pick<WakeUps, 'submit'>;
  log: Log;
};

/** Corrects the count of a workspace after workers that died between a task and the count. */
export const createLookAfterInFlight = ({ tasks, inFlight, wakeUps, log }: LookAfterInFlightDependencies) => {
  const lookAfter = async (workspaceId: string, taskId: string): Promise<void> => {
    const task = await findReadable(tasks, taskId, log);
    if (task === undefined || isEnded(task)) await inFlight.remove(workspaceId, taskId);
    // It takes up room without knowing. To count it out could cross a worker that has just counted it.
    else if (!task.submission.counted) await wakeUps.submit({ taskId });
  };

  return async (workspaceId: string): Promise<void> => {
    const taskIds = await inFlight.list(workspaceId);
    await Promise.all(taskIds.map((taskId) => lookAfter(workspaceId, taskId)));
  };
};
