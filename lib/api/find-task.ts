import { ApiError } from '../errors.ts';
import type { Task, VideoTask } from '../tasks/task.ts';
import type { TaskPlace, TaskStore } from '../tasks/task-store.ts';
import type { ApiContext } from './context.ts';

export const taskIdShape = /^task_[0-9A-Za-z]{32}$/;

/**
 * The caller's own task of the id in the path. A task of another workspace does not exist for the caller.
 *
 * @throws ApiError 404 `task_not_found`.
 */
export const findOwnTask = (c: ApiContext, tasks: TaskStore): Promise<Task> =>
  findOwn(c, tasks, c.req.param('task_id') ?? '', 'task_id');

/**
 * The caller's own video of the id in the path, for routes that know of nothing else.
 *
 * @throws ApiError 404 `task_not_found`.
 */
export const findOwnVideo = async (c: ApiContext, tasks: TaskStore): Promise<VideoTask> => {
  const task = await findOwn(c, tasks, videoIdOf(c), 'video_id');
  if (task.kind === 'video') return task;
  throw new ApiError(`This task makes images. Ask for it at /v1/images/generations/${task.id}.`, {
    status: 404,
    code: 'task_not_found',
    param: 'video_id',
  });
};

export const videoIdOf = (c: ApiContext): string => c.req.param('video_id') ?? '';

const findOwn = async (c: ApiContext, tasks: TaskStore, taskId: string, param: string): Promise<Task> => {
  const task = taskIdShape.test(taskId) ? await tasks.find(taskId) : undefined;
  if (task?.workspaceId === c.get('workspace').id) return task;
  throw taskNotFound(param);
};

/**
 * Where the caller's own task of that id stands in the list, or stood before it was deleted: whoever deletes what a page
 * shows goes on after it.
 *
 * @throws ApiError 404 `task_not_found`.
 */
export const findOwnPlace = async (c: ApiContext, tasks: TaskStore, taskId: string): Promise<TaskPlace> =>
  (await findOwnRemoved(c, tasks, taskId)) ?? findOwn(c, tasks, taskId, 'after');

/** What is left of a task of the caller's that was deleted. */
export const findOwnRemoved = async (
  c: ApiContext,
  tasks: TaskStore,
  taskId: string,
): Promise<TaskPlace | undefined> => {
  const removed = taskIdShape.test(taskId) ? await tasks.findRemoved(taskId) : undefined;
  return removed?.workspaceId === c.get('workspace').id ? removed : undefined;
};

export const taskNotFound = (param: string): ApiError =>
  new ApiError(
    'Your workspace has no task of this id. Tasks are kept for a limited time; check the id that the submission answered.',
    { status: 404, code: 'task_not_found', param },
  );
