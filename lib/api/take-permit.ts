import type { ApiError } from '../errors.ts';
import type { RateLimiter } from '../keys/rate-limit.ts';
import type { ApiContext } from './context.ts';
import { rateLimited } from './middleware.ts';

export type TakePermitDependencies = { limiter: RateLimiter; settings: { createsPerMinute: number } };

type Permit = { allowed: true; giveBack: () => void } | { allowed: false; refusal: ApiError };

/** Asks the rate limit whether the workspace may create one more. */
export const createTakePermit =
  ({ limiter, settings }: TakePermitDependencies) =>
  async (c: ApiContext): Promise<Permit> => {
    const { id, rateLimitPerMinute: limit = settings.createsPerMinute } = c.get('workspace');
    const permit = await limiter.take(id, 'create', limit);
    return permit.allowed
      ? permit
      : { allowed: false, refusal: rateLimited(limit, permit.retryAfterSeconds) };
  };
