import { ApiError } from '../errors.ts';
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
      headers: { 'x-should-retry': 'false' },
    },
  );
};

/** Says that this answer was given before. */
export const markReplay = (c: ApiContext): void => c.header('idempotent-replayed', 'true');
