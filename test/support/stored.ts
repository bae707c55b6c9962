import type { Task } from '../../lib/tasks/task.ts';

/** What a stored task says that its provider shall make, as long as it is kept. */
export const requestOf = (task: Task | undefined) =>
  task?.kind === 'video' && 'request' in task ? task.request : undefined;
