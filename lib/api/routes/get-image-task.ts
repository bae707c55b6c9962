import { ApiError } from '../../errors.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';
import { setModelHeader, setPollHeaders } from '../task-headers.ts';

type Dependencies = { tasks: TaskStore; now: Clock };

/** `GET /v1/images/generations/{task_id}`: how an image task is doing. */
export const createGetImageTask =
  ({ tasks, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(c, tasks);
    if (task.kind !== 'image')
      throw new ApiError(`This task makes a video. Ask for it at /v1/video/generations/${task.id}.`, {
        status: 404,
        code: 'task_not_found',
        param: 'task_id',
      });
    setModelHeader(c, task);
    setPollHeaders(c, task, now());
    return c.json(taskEnvelope(task, now()));
  };
