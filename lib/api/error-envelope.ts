import type { RouterRoute } from 'hono/types';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isOutage } from '../aws/outage.ts';
import { cutText } from '../cut-text.ts';
import { ApiError } from '../errors.ts';
import type { ApiContext } from './context.ts';
import { whereElse } from './not-offered.ts';
import { methodsAt, nearestPath } from './routing.ts';

const unexpected = (requestId: string, cause: unknown): ApiError =>
  new ApiError(
    `Something went wrong on our side. Try again; if it stays, give the operator the request id ${requestId}.`,
    { status: 500, code: 'internal_error', cause },
  );

const retryAfterSeconds = 5;

/** The table, a queue or the bucket did not answer; the request may have been stored nevertheless. */
const unavailable = (requestId: string, cause: unknown): ApiError =>
  new ApiError(
    `The gateway's storage does not answer just now. Try again in ${retryAfterSeconds} s, with the same Idempotency-Key so that nothing is made twice; if it stays, give the operator the request id ${requestId}.`,
    {
      status: 503,
      code: 'service_unavailable',
      headers: { 'retry-after': String(retryAfterSeconds) },
      cause,
    },
  );

/** The one place that decides how a failure looks: OpenAI's error envelope. */
export const answerError = (error: unknown, c: ApiContext): Response => {
  const known = error instanceof ApiError;
  const explain = isOutage(error) ? unavailable : unexpected;
  const apiError = known ? error : explain(c.get('requestId'), error);
  if (!known) c.get('log').event('request.failed', { error });
  const { message, type, code, param = null, members } = apiError;
  return c.json(
    { error: { message, type, code, param, ...members } },
    apiError.status as ContentfulStatusCode,
    apiError.headers,
  );
};

/** For an address without a route: 405 where another method would have one, else 404. */
export const answerNotFound = (c: ApiContext, routes: readonly RouterRoute[] = []): Response => {
  const { method, path } = c.req;
  const methods = methodsAt(routes, path);
  const shownPath = cutText(path, 200);
  if (methods.length > 0) {
    const elsewhere = whereElse(method, path);
    const taken = `${shownPath} takes ${methods.join(' or ')}, not ${method}.`;
    return answerError(
      new ApiError(elsewhere === undefined ? taken : `${taken} ${elsewhere}`, {
        status: 405,
        code: 'method_not_allowed',
        headers: { allow: methods.join(', ') },
      }),
      c,
    );
  }
  const nearest = nearestPath(routes, path);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return answerError(
    new ApiError(`There is no ${method} ${shownPath} here.${hint} GET /openapi.json lists what there is.`, {
      status: 404,
      code: 'not_found',
    }),
    c,
  );
};
