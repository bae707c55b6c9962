import { createMiddleware } from 'hono/factory';
import type { RouterRoute } from 'hono/types';
import { ApiError } from '../errors.ts';
import type { Authenticate } from '../keys/authenticate.ts';
import type { RateLimiter } from '../keys/rate-limit.ts';
import type { Workspace } from '../keys/workspace.ts';
import { withCanonicalLine } from '../observability/canonical-line.ts';
import type { Log } from '../observability/log.ts';
import { modeFields } from '../observability/mode.ts';
import type { Clock } from '../time.ts';
import type { ApiEnvironment } from './context.ts';
import { answerNotFound } from './error-envelope.ts';
import { mayAskForEstimate } from './estimate.ts';
import { rateRuleFor } from './rate-rules.ts';
import { methodsAt } from './routing.ts';

/** One line a request: what was asked, how it ended, how long it took. Never a query, a body or a key. */
export const logRequests = (log: Log, now: Clock) =>
  createMiddleware<ApiEnvironment>((c, next) =>
    withCanonicalLine(async () => {
      const startedAtMs = now();
      const requestLog = log.with({ requestId: c.get('requestId') });
      c.set('log', requestLog);
      await next();
      const workspace: Workspace | undefined = c.get('workspace');
      requestLog.event('request.answered', {
        method: c.req.method,
        path: c.req.path.startsWith('/hooks/') ? '/hooks/…' : c.req.path,
        status: c.res.status,
        durationMs: now() - startedAtMs,
        ...(workspace !== undefined && { workspaceId: workspace.id }),
        ...c.get('logFields'),
      });
    }),
  );

/** Browsers must not guess another content type than the one that is stated. */
export const forbidSniffing = createMiddleware<ApiEnvironment>(async function noSniff(c, next) {
  await next();
  c.header('x-content-type-options', 'nosniff');
});

/**
 * `OPTIONS` names the methods of an address, without a key. No `Access-Control` header is sent: a key has no place in a
 * page of another origin, so a browser's preflight fails there.
 */
export const answerOptions = (routes: readonly RouterRoute[]) =>
  createMiddleware<ApiEnvironment>(async function answerMethods(c, next) {
    if (c.req.method !== 'OPTIONS') return next();
    const methods = methodsAt(routes, c.req.path);
    if (methods.length === 0) return answerNotFound(c);
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
    return c.body(null, 204, { allow: allowed.join(', ') });
  });

export const requireKey = (authenticate: Authenticate) =>
  createMiddleware<ApiEnvironment>(async function checkKey(c, next) {
    const caller = await authenticate(c.req.header('authorization'));
    c.set('workspace', caller.workspace);
    c.set('log', c.get('log').with(modeFields(caller.workspace)));
    c.set('keyHash', caller.keyHash);
    c.set('keyName', caller.keyName);
    await next();
  });

/** Limits everything that creates nothing; what creates counts for itself, once it is known to be no replay. */
export const limitRequests = (limiter: RateLimiter, createsPerMinute: number) =>
  createMiddleware<ApiEnvironment>(async function limitRequest(c, next) {
    const workspace = c.get('workspace');
    const limit = workspace.rateLimitPerMinute ?? createsPerMinute;
    const { method, path } = c.req;
    const rule = rateRuleFor({ method, path, isEstimate: mayAskForEstimate(c) }, limit);
    if (rule !== 'counts-for-itself') {
      const outcome = await limiter.take(workspace.id, rule.bucket, rule.perMinute);
      if (!outcome.allowed) throw rateLimited(rule.perMinute, outcome.retryAfterSeconds);
    }
    await next();
  });

export const rateLimited = (limit: number, retryAfterSeconds: number): ApiError =>
  new ApiError(
    `Your workspace may send ${limit} such requests a minute. Try again in ${retryAfterSeconds} s.`,
    {
      status: 429,
      code: 'rate_limit_exceeded',
      headers: { 'retry-after': String(retryAfterSeconds) },
    },
  );
