import { createReadStanding, type QueueStanding } from '../../tasks/queue-standing.ts';
import type { Task } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { WaitingLine } from '../../tasks/waiting-line.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';
import { setModelHeader, setPollHeaders } from '../task-headers.ts';

export type GetVideoDependencies = { tasks: TaskStore; line: Pick<WaitingLine, 'standing'>; now: Clock };

/** `GET /v1/video/generations/{task_id}`: how a task is doing. */
export const createGetVideo = ({ tasks, line, now }: GetVideoDependencies) => {
  const readStanding = createReadStanding(line, now);

  /** Who asks wants to know of the task; where it stands is an extra. */
  const standingIfKnown = async (c: ApiContext, task: Task): Promise<QueueStanding | undefined> => {
    try {
      return await readStanding(task);
    } catch (error) {
      c.get('log').warn('place in the line not read', { taskId: task.id, error });
      return undefined;
    }
  };

  return async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(tasks, c.get('workspace').id, c.req.param('task_id') ?? '');
    const standing = await standingIfKnown(c, task);
    setModelHeader(c, task);
    setPollHeaders(c, task, now(), standing);
    return c.json(taskEnvelope(task, now(), standing));
  };
};
