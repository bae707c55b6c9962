import type { Queue, QueuePosition } from '../queue/queue.ts';
import { isWaiting, type Task } from '../tasks/task.ts';
import { queueRequestOf } from '../videos/free-slot.ts';
import type { ApiContext } from './context.ts';

/** The position of a task in its queue. It is an extra: where it cannot be read, the answer goes without it. */
export const positionIfKnown = async (
  c: ApiContext,
  queue: Pick<Queue, 'position'>,
  task: Task,
): Promise<QueuePosition | undefined> => {
  if (!isWaiting(task) || task.membership === undefined) return undefined;
  try {
    return await queue.position(queueRequestOf(task), task.membership);
  } catch (error) {
    c.get('log').event('queue.position-unread', { taskId: task.id, error });
    return undefined;
  }
};
