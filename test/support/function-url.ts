import { buffer } from 'node:stream/consumers';
import { streamAnswers } from '../../functions/bootstrap/stream-answers.ts';
import { aContext } from '../../local/function-url.ts';
import { toFunctionUrlEvent } from '../../local/function-url-event.ts';
import { installStreaming, type Prelude, ResponseStream } from '../../local/response-stream.ts';

installStreaming();

/** Asks an app as its Function URL does: by an event, through the handler that streams. */
export const functionUrlOf = (app: Parameters<typeof streamAnswers>[0]) => {
  const handler = streamAnswers(app);
  return async (url: string, init?: RequestInit): Promise<Response> => {
    const event = await eventOf(new Request(url, init));
    const begun = Promise.withResolvers<Prelude>();
    const stream = new ResponseStream(begun.resolve);
    const body = buffer(stream);
    await handler(event, stream, aContext('request'));
    return responseOf(await begun.promise, await body);
  };
};

const eventOf = async (request: Request) => {
  const { host, pathname, search } = new URL(request.url);
  const received = {
    method: request.method,
    target: pathname + search,
    rawHeaders: ['host', host, ...[...request.headers].flat()],
    body: Buffer.from(await request.arrayBuffer()),
    protocol: 'HTTP/1.1',
    sourceIp: '127.0.0.1',
    port: 443,
  };
  return toFunctionUrlEvent(received, 'request', Date.now());
};

const statusesWithoutBody = new Set([204, 304]);

const responseOf = ({ statusCode = 200, headers, cookies = [] }: Prelude, body: Buffer): Response => {
  const response = new Response(statusesWithoutBody.has(statusCode) ? null : Uint8Array.from(body), {
    status: statusCode,
    ...(headers && { headers }),
  });
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
};
