import type { Queue, QueuePosition } from '../../queue/queue.ts';
import { isWaiting, type Task } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import { queueRequestOf } from '../../videos/free-slot.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';
import { setModelHeader, setPollHeaders } from '../task-headers.ts';

export type GetVideoDependencies = { tasks: TaskStore; queue: Pick<Queue, 'position'>; now: Clock };

/** `GET /v1/video/generations/{task_id}`: how a task is doing. */
export const createGetVideo = ({ tasks, queue, now }: GetVideoDependencies) => {
  /** Who asks wants to know of the task; its position in the queue is an extra. */
  const positionIfKnown = async (c: ApiContext, task: Task): Promise<QueuePosition | undefined> => {
    if (!isWaiting(task) || task.membership === undefined) return undefined;
    try {
      return await queue.position(queueRequestOf(task), task.membership);
    } catch (error) {
      c.get('log').event('queue.position-unread', { taskId: task.id, error });
      return undefined;
    }
  };

  return async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(tasks, c.get('workspace').id, c.req.param('task_id') ?? '');
    const queued = await positionIfKnown(c, task);
    setModelHeader(c, task);
    setPollHeaders(c, task, now(), queued);
    return c.json(taskEnvelope(task, now(), queued));
  };
};
