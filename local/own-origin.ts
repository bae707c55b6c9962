import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { oneRange } from '../lib/api/serve-file.ts';
import { type Prelude, ResponseStream, type StreamingHandler } from './response-stream.ts';

/**
 * Answers a redirect to one of these origins with what lies there, so that results come from the gateway's own origin:
 * some clients follow no link to another one, and on one machine every part has a port of its own.
 */
export const answerFromOwnOrigin =
  (handler: StreamingHandler, origins: readonly string[]): StreamingHandler =>
  async (event, stream, context) => {
    let redirect: Redirect | undefined;
    const answer = new ResponseStream((prelude) => {
      redirect = redirectTo(origins, prelude);
      if (redirect !== undefined) return void answer.resume();
      stream.setPrelude(prelude);
      answer.pipe(stream);
    });
    await handler(event, answer, context);
    if (answer.errored) throw answer.errored;
    if (!answer.writableEnded) answer.end();
    if (redirect === undefined) return;
    const isThere = await follow(redirect, event, stream);
    // What the storage refuses, the gateway says in its own envelope.
    if (!isThere) await handler(withoutRedirect(event), stream, context);
  };

type Redirect = { location: string; headers: Record<string, string> };

const redirectTo = (
  origins: readonly string[],
  { statusCode, headers = {} }: Prelude,
): Redirect | undefined => {
  const location = statusCode === 302 ? headers['location'] : undefined;
  if (location === undefined || !origins.includes(new URL(location).origin)) return undefined;
  return { location, headers };
};

/** Of the redirect's own headers, those that are about the request and not about its body. */
const keptHeaders = ['x-request-id', 'x-content-type-options', 'cache-control'];
/** Of the file's, those that describe it. */
const fileHeaders = [
  'accept-ranges',
  'content-disposition',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
];

const withoutRedirect = (event: LambdaFunctionURLEvent): LambdaFunctionURLEvent => {
  const query = new URLSearchParams(event.rawQueryString);
  query.set('redirect', 'false');
  return {
    ...event,
    rawQueryString: query.toString(),
    queryStringParameters: Object.fromEntries(query),
  };
};

/** Whether the file was there to be sent. */
const follow = async (
  { location, headers }: Redirect,
  { headers: asked, requestContext }: LambdaFunctionURLEvent,
  stream: ResponseStream,
): Promise<boolean> => {
  const range = oneRange(asked['range']);
  // A link into the bucket is signed for GET alone.
  const file = await fetch(location, { headers: range === undefined ? {} : { range } });
  if (!file.ok) {
    await file.body?.cancel();
    return false;
  }
  stream.setPrelude({
    statusCode: file.status,
    headers: {
      ...pick(keptHeaders, (name) => headers[name]),
      ...pick(fileHeaders, (name) => file.headers.get(name) ?? undefined),
    },
  });
  if (requestContext.http.method === 'HEAD' || file.body === null) {
    await file.body?.cancel();
    stream.end();
  } else await pipeline(Readable.fromWeb(file.body), stream);
  return true;
};

const pick = (names: readonly string[], read: (name: string) => string | undefined): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = read(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
