import type { Queue } from '../../queue/queue.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { positionIfKnown } from '../queue-position.ts';
import { taskEnvelope } from '../task-envelope.ts';
import { setModelHeader, setPollHeaders } from '../task-headers.ts';

export type GetVideoDependencies = { tasks: TaskStore; queue: Pick<Queue, 'position'>; now: Clock };

/** `GET /v1/video/generations/{task_id}`: how a task is doing. */
export const createGetVideo =
  ({ tasks, queue, now }: GetVideoDependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(c, tasks);
    const queued = await positionIfKnown(c, queue, task);
    setModelHeader(c, task);
    setPollHeaders(c, task, now(), queued);
    return c.json(taskEnvelope(task, now(), queued));
  };
