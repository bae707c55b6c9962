import { ApiError } from '../../errors.ts';
import { isEnded } from '../../tasks/task.ts';
import { resultUrlOf } from '../../tasks/task-data.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';

type Dependencies = { tasks: TaskStore };

/** `GET /v1/video/generations/{task_id}/content`: sends the caller on to the video. */
export const createGetVideoContent =
  ({ tasks }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const task = await findOwnTask(tasks, c.get('workspace').id, c.req.param('task_id') ?? '');
    const url = resultUrlOf(task);
    if (url !== undefined) return c.redirect(url, 302);
    throw new ApiError(
      isEnded(task) && task.result.status === 'FAILURE'
        ? `The task failed, so there is no video: ${task.result.reason}`
        : 'The video is not ready yet. Ask for the task until its status is SUCCESS, or give a callback_url.',
      {
        status: isEnded(task) ? 404 : 409,
        code: 'result_not_ready',
        param: 'task_id',
        headers: { 'x-should-retry': 'false' },
      },
    );
  };
