import { ApiError } from '../errors.ts';
import type { Task, VideoTask } from '../tasks/task.ts';
import type { TaskPlace, TaskStore } from '../tasks/task-store.ts';
import type { ApiContext } from './context.ts';

const taskIdShape = /^task_[0-9A-Za-z]{32}$/;

/**
 * The caller's own task of that id. A task of another workspace does not exist for the caller.
 *
 * @throws ApiError 404 `task_not_found`.
 */
export const findOwnTask = async (
  tasks: TaskStore,
  workspaceId: string,
  taskId: string,
  param = 'task_id',
): Promise<Task> => {
  const task = taskIdShape.test(taskId) ? await tasks.find(taskId) : undefined;
  if (task?.workspaceId === workspaceId) return task;
  throw taskNotFound(param);
};

/**
 * The caller's own video of that id, for routes that know of nothing else.
 *
 * @throws ApiError 404 `task_not_found`.
 */
export const findOwnVideo = async (c: ApiContext, tasks: TaskStore): Promise<VideoTask> => {
  const task = await findOwnTask(tasks, c.get('workspace').id, videoIdOf(c), 'video_id');
  if (task.kind === 'video') return task;
  throw taskNotFound('video_id');
};

export const videoIdOf = (c: ApiContext): string => c.req.param('video_id') ?? '';

/**
 * Where the caller's own task of that id stands in the list, or stood before it was deleted: whoever deletes what a page
 * shows goes on after it.
 *
 * @throws ApiError 404 `task_not_found`.
 */
export const findOwnPlace = async (
  tasks: TaskStore,
  workspaceId: string,
  taskId: string,
): Promise<TaskPlace> =>
  (await findOwnRemoved(tasks, workspaceId, taskId)) ?? findOwnTask(tasks, workspaceId, taskId, 'after');

/** What is left of a task of the caller's that was deleted. */
export const findOwnRemoved = async (
  tasks: TaskStore,
  workspaceId: string,
  taskId: string,
): Promise<TaskPlace | undefined> => {
  const removed = taskIdShape.test(taskId) ? await tasks.findRemoved(taskId) : undefined;
  return removed?.workspaceId === workspaceId ? removed : undefined;
};

const taskNotFound = (param: string): ApiError =>
  new ApiError(
    'Your workspace has no task of this id. Tasks are kept for a limited time; check the id that the submission answered.',
    { status: 404, code: 'task_not_found', param },
  );
