import type { StatusUpdate } from '../provider.ts';
import { parseAnswer, readTask } from './answer.ts';

/** Many times what Kling sends. */
const maxCharacters = 64 * 1024;

/**
 * Reads what Kling sends: the bare task, or the task within `data` as in its other answers. Answers `undefined` for
 * everything but a task under way: ends, other tasks, and what cannot be read.
 */
export const readWebhook = (text: string, taskId: string): StatusUpdate | undefined => {
  if (text.length > maxCharacters) return undefined;
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
