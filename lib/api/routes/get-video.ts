import type { TaskStore } from '../../tasks/task-store.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { taskEnvelope } from '../task-envelope.ts';
import { setModelHeader, setPollHeaders } from '../task-headers.ts';

type Dependencies = { tasks: TaskStore; now: Clock };

/** `GET /v1/video/generations/{task_id}`: how a task is doing. */
export const createGetVideo =
  ({ tasks, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(tasks, c.get('workspace').id, c.req.param('task_id') ?? '');
    setModelHeader(c, task);
    setPollHeaders(c, task, now());
    return c.json(taskEnvelope(task, now()));
  };
