import { $ZodError } from 'zod/v4/core';
import type { Log } from '../observability/log.ts';
import type { FindMember } from '../queue/reconcile.ts';
import { isEnded, isWaiting } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';

/** Tells the queue what a task says of itself. One that cannot be read will never get on, and counts as gone. */
export const createFindMember =
  (tasks: Pick<TaskStore, 'find'>, log: Log): FindMember =>
  async (taskId) => {
    try {
      const task = await tasks.find(taskId);
      if (task === undefined || isEnded(task) || task.kind !== 'video') return undefined;
      return { isQueued: isWaiting(task), membership: task.membership };
    } catch (error) {
      if (!(error instanceof $ZodError)) throw error;
      log.event('queue.member-unreadable', { taskId, error });
      return undefined;
    }
  };
