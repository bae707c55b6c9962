import type { Log } from '../observability/log.ts';
import type { Task } from './task.ts';
import type { TaskStore } from './task-store.ts';

/** Told of each change of a task, after it was written and by whichever function. */
export type Observer = (before: Task, after: Task) => void | Promise<void>;

/** A task store with observers. What one of them fails at is left to the sweep: the change stands. */
export const createObservedTaskStore = (
  tasks: TaskStore,
  observers: readonly Observer[],
  log: Log,
): TaskStore => ({
  ...tasks,
  async change(taskId, decide, seen) {
    let before: Task | undefined;
    const remember = (task: Task) => {
      before = task;
      return decide(task);
    };
    const change = await tasks.change(taskId, remember, seen);
    if (!change.changed || before === undefined) return change;
    for (const observe of observers) {
      try {
        await observe(before, change.task);
      } catch (error) {
        log.event('task.change-unfollowed', { taskId, error });
      }
    }
    return change;
  },
});
