import { ApiError } from '../errors.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';

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
  throw new ApiError(
    'Your workspace has no task of this id. Tasks are kept for a limited time; check the id that the submission answered.',
    { status: 404, code: 'task_not_found', param },
  );
};
