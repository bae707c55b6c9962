import { parseAnswer, readTask } from './answer.ts';

/** Many times what Kling sends. */
const mostCharacters = 64 * 1024;

/** A push that says its task is under way. */
export type UnderWayPush = { operationId: string; status: 'queued' | 'running' };

/**
 * Reads a push of Kling: the bare task, or the task within `data` as in its other answers. Answers `undefined` for
 * everything but a task under way: ends, other tasks, and what cannot be read.
 */
export const readUnderWayPush = (text: string, taskId: string): UnderWayPush | undefined => {
  if (text.length > mostCharacters) return undefined;
  const body = parseAnswer(text);
  const task = readTask(body) ?? readTask((body as { data?: unknown } | null | undefined)?.data);
  if (task === undefined || (task.externalId ?? taskId) !== taskId) return undefined;
  const { id: operationId } = task;
  switch (task.status) {
    case 'submitted':
      return { operationId, status: 'queued' };
    case 'processing':
      return { operationId, status: 'running' };
    default:
      return undefined;
  }
};
