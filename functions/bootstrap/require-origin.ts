import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { originHeader } from '../../lib/config.ts';
import type { ErrorCode } from '../../lib/errors.ts';

type App = { fetch(request: Request): Response | Promise<Response> };

/** Where CloudFront stands before the Function URL: what WAF guards. */
type Origin = { secret: string; publicUrl: string };

/**
 * Refuses whatever did not come through CloudFront, which adds the secret to each request and takes away what a caller
 * put in its place. Without it anybody could go round WAF by the Function URL.
 */
export const requireOrigin = (app: App, origin: Origin | undefined): App => {
  if (origin === undefined) return app;
  const expected = hash(origin.secret);
  return {
    fetch: (request) =>
      timingSafeEqual(hash(request.headers.get(originHeader) ?? ''), expected)
        ? app.fetch(request)
        : refusal(origin.publicUrl),
  };
};

/** Of equal length, whatever was sent. */
const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

const refusal = (publicUrl: string): Response =>
  Response.json(
    {
      error: {
        message: `Nothing is served at this address. Send requests to ${publicUrl}.`,
        type: 'clearmaas_api_error',
        code: 'access_denied' satisfies ErrorCode,
        param: null,
      },
    },
    { status: 403, headers: { 'x-request-id': randomUUID(), 'x-should-retry': 'false' } },
  );
