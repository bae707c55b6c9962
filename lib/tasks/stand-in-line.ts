import type { Clock } from '../time.ts';
import { isAbandoned, type LineToJoin, lineOf, placeIn, taskIdAt, waitAt, workspaceOfLine } from './line.ts';
import { isRendering } from './polling.ts';
import type { Task } from './task.ts';
import type { TaskStore } from './task-store.ts';
import type { WaitingLine } from './waiting-line.ts';
import { createWakeFirst } from './wake-first.ts';
import type { WakeUps } from './wake-ups.ts';

export type StandInLineDependencies = {
  tasks: Pick<TaskStore, 'find' | 'change'>;
  line: WaitingLine;
  wakeUps: Pick<WakeUps, 'submit'>;
  now: Clock;
};

/** How a task gets into a line and out of it, so that the next one is let in. */
export const createStandInLine = ({ tasks, line, wakeUps, now }: StandInLineDependencies) => {
  const wakeFirst = createWakeFirst(line, wakeUps);

  /** Leaves the line that a task stood in before, unless it still does. */
  const leave = async (before: Task, after: Task): Promise<void> => {
    const name = lineOf(before);
    const { place } = before.submission;
    if (place === undefined || placeIn(name, after) === place) return;
    await line.leave(name, place);
    await wakeFirst(name);
    const hasGotOn = workspaceOfLine(name) === undefined ? isRendering(after) : after.submission.counted;
    if (hasGotOn) await line.recordStart(name, place);
  };

  /** Answers the task as it is then, wherever it stands. */
  const join = async (task: Task, to: LineToJoin): Promise<Task | undefined> => {
    const place = await line.join(to.name, task.workspaceId, task.id);
    const joined = await tasks.change(task.id, (current) => waitAt(current, to, place, now()), task);
    if (joined.task === undefined || placeIn(to.name, joined.task) !== place) {
      await line.leave(to.name, place);
      return joined.task;
    }
    await leave(task, joined.task);
    // All who were before it may have left meanwhile, and would not wake it.
    if ((await line.first(to.name)) === place) await wakeUps.submit({ taskId: task.id });
    return joined.task;
  };

  /** Whoever has the turn without waiting any more has died before it could leave. */
  const clearPlace = async (taskId: string, name: string): Promise<void> => {
    const first = await line.first(name);
    if (first === undefined || taskIdAt(first) !== taskId) return;
    if (!isAbandoned(await tasks.find(taskId), name, first, now())) return;
    await line.leave(name, first);
    await wakeFirst(name);
  };

  return { join, leave, clearPlace };
};
