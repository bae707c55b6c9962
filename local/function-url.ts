import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Context } from 'aws-lambda';
import type { Log } from '../lib/observability/log.ts';
import type { Clock } from '../lib/time.ts';
import { isTooLarge, maxBodyBytes, type ReceivedRequest, toFunctionUrlEvent } from './function-url-event.ts';
import { ResponseStream, type StreamingHandler } from './response-stream.ts';

type FunctionUrlOptions = { handler: StreamingHandler; now: Clock; log: Log };

/** An HTTP server that hands each request to a function as a Lambda Function URL with response streaming does. */
export const createFunctionUrl = (options: FunctionUrlOptions): Server =>
  createServer(async (request, response) => {
    // A client that goes away is no reason to stop: its request has been made.
    request.on('error', () => {});
    response.on('error', () => {});
    const body = await readBody(request);
    if (body === 'aborted') return;
    if (body === 'too-large') return refuseLargeBody(response);
    await invoke(options, request, response, body);
  });

const invoke = async (
  { handler, now, log }: FunctionUrlOptions,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => {
  const requestId = randomUUID();
  const stream = new ResponseStream(({ statusCode = 200, headers = {}, cookies = [] }) =>
    response.writeHead(statusCode, cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers),
  );
  stream.pipe(response);
  // Lambda's client, too, takes what is written for a client that has gone.
  response.once('close', () => stream.unpipe(response).resume());
  try {
    await handler(toFunctionUrlEvent(received(request, body), requestId, now()), stream, aContext(requestId));
    if (stream.errored) throw stream.errored;
    if (!stream.writableEnded) stream.end();
  } catch (error) {
    if (response.destroyed) return;
    log.event('local.api-failed', { requestId, error });
    stream.unpipe(response);
    if (response.headersSent) response.destroy();
    else
      response
        .writeHead(502, { 'content-type': 'application/json' })
        .end('{"Message":"Internal Server Error"}');
  }
};

const received = (request: IncomingMessage, body: Buffer): ReceivedRequest => ({
  method: request.method ?? 'GET',
  target: request.url ?? '/',
  rawHeaders: request.rawHeaders,
  body,
  protocol: `HTTP/${request.httpVersion}`,
  sourceIp: request.socket.remoteAddress ?? '',
  port: request.socket.localPort ?? 0,
});

/** A body that is too large is read to its end all the same: a client that still sends would not see the answer. */
const readBody = (request: IncomingMessage): Promise<Buffer | 'too-large' | 'aborted'> => {
  const contentType = request.headers['content-type'];
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    request
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (isTooLarge(bytes, contentType)) chunks.length = 0;
        else chunks.push(chunk);
      })
      .on('end', () => resolve(isTooLarge(bytes, contentType) ? 'too-large' : together(chunks)))
      .on('close', () => resolve('aborted'));
  });
};

const together = (chunks: readonly Buffer[]): Buffer => {
  const [first, ...more] = chunks;
  return first !== undefined && more.length === 0 ? first : Buffer.concat(chunks);
};

/** AWS refuses such a request before the function sees it; the envelope is ours, so that clients read one kind of error. */
const refuseLargeBody = (response: ServerResponse) => {
  const message = `The request is larger than ${maxBodyBytes} bytes. Send pictures as URLs instead.`;
  const error = { message, type: 'clearmaas_api_error', code: 'request_too_large', param: null };
  response
    .writeHead(413, { 'content-type': 'application/json', 'x-request-id': randomUUID() })
    .end(JSON.stringify({ error }));
};

/** What a function is told of its surroundings. */
export const aContext = (awsRequestId: string): Context => ({
  awsRequestId,
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'api',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:api',
  memoryLimitInMB: '512',
  logGroupName: '/aws/lambda/api',
  logStreamName: 'local',
  getRemainingTimeInMillis: () => 60_000,
  done() {},
  fail() {},
  succeed() {},
});
