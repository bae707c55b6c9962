import { $ZodError } from 'zod/v4/core';
import type { Log } from '../log.ts';
import type { Task } from './task.ts';
import type { TaskStore } from './task-store.ts';

/** A task that cannot be read will never get on, so that it must not keep others waiting: it counts as gone. */
export const findReadable = async (
  tasks: Pick<TaskStore, 'find'>,
  taskId: string,
  log: Log,
): Promise<Task | undefined> => {
  try {
    return await tasks.find(taskId);
  } catch (error) {
    if (!(error instanceof $ZodError)) throw error;
    log.error('a task that could not be read no longer keeps others waiting', { taskId, error });
    return undefined;
  }
};
