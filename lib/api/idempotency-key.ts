import { invalidRequest } from '../errors.ts';
import type { ApiContext } from './context.ts';

const printableAscii = /^[\x20-\x7e]{1,255}$/;

/** The caller's `Idempotency-Key`, if there is one. Throws a 400 for one that cannot be used. */
export const readIdempotencyKey = (c: ApiContext): string | undefined => {
  const key = c.req.header('idempotency-key');
  if (key === undefined || printableAscii.test(key)) return key;
  throw invalidRequest([
    { param: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters.' },
  ]);
};
