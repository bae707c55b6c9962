import { ApiError, doNotRetry } from '../errors.ts';
import type { Task } from '../tasks/task.ts';
import type { ApiContext } from './context.ts';

/** @throws ApiError 409 `idempotency_key_reused` when the request is not the first one again. */
export const requireSameRequest = (firstHash: string, requestHash: string): void => {
  if (firstHash === requestHash) return;
  throw new ApiError(
    'This Idempotency-Key was used before with another body. Use a new key for a new request, or repeat the first body.',
    {
      status: 409,
      code: 'idempotency_key_reused',
      param: 'Idempotency-Key',
      headers: doNotRetry,
    },
  );
};

/**
 * The task of the first request, for one that says it is the same.
 *
 * @throws ApiError 409 when it is another, 410 `task_deleted` when the task was deleted since.
 */
export const firstTaskOf = (existing: Task | 'deleted', requestHash: string): Task => {
  if (existing === 'deleted')
    throw new ApiError(
      'The task of this Idempotency-Key was deleted. Nothing was made again; for a new task use a new key.',
      { status: 410, code: 'task_deleted', param: 'Idempotency-Key' },
    );
  requireSameRequest(existing.requestHash, requestHash);
  return existing;
};

/** Says that this answer was given before. */
export const markReplay = (c: ApiContext): void => c.header('idempotent-replayed', 'true');
