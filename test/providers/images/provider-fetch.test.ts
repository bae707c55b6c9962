import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { callProvider, type FailedAnswer } from '../../../lib/providers/images/call.ts';
import { createProviderFetch } from '../../../lib/providers/images/provider-fetch.ts';
import { listenOnLoopback, loopback, stopListening } from '../../../local/cloud/loopback.ts';

const servers: Server[] = [];
const serve = async (listener: RequestListener): Promise<{ url: string; server: Server }> => {
  const server = createServer(listener);
  servers.push(server);
  return { url: `http://${loopback}:${await listenOnLoopback(server, 0)}`, server };
};
afterEach(async () => {
  for (const server of servers.splice(0)) await stopListening(server);
});

const fetch = createProviderFetch();
const call = (url: string, deadlineMs = 10_000) => {
  const refusals: FailedAnswer[] = [];
  const called = callProvider(
    { fetch, url, headers: { 'x-key': 'k' }, body: { prompt: 'ä' }, deadlineMs },
    (answer) => {
      refusals.push(answer);
      return { status: 'failed', detail: `HTTP ${answer.httpStatus}` };
    },
  );
  return { called, refusals };
};
const read = async (called: ReturnType<typeof call>['called']) => {
  const outcome = await called;
  if ('failure' in outcome) throw new Error(outcome.failure.status);
  const chunks: Uint8Array[] = [];
  for await (const chunk of outcome.answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

it('sends the order as JSON, asks for no compression and gives the answer', async () => {
  const { url } = await serve(async (request, response) => {
    const { 'accept-encoding': encoding = 'none', 'content-type': type, 'x-key': key } = request.headers;
    response.end(`${request.method} ${type} ${key} ${encoding} ${await text(request)}`);
  });
  expect(await read(call(url).called)).toBe('POST application/json k none {"prompt":"ä"}');
});

it('keeps the connection for the next order', async () => {
  let connections = 0;
  const { url, server } = await serve((_request, response) => response.end('{}'));
  server.on('connection', () => {
    connections += 1;
  });
  await read(call(url).called);
  await read(call(url).called);
  expect(connections).toBe(1);
});

it('does not follow a redirect', async () => {
  const { url } = await serve((_request, response) => response.writeHead(302, { location: '/' }).end());
  const { called, refusals } = call(url);
  expect(await called).toMatchObject({ failure: { detail: 'HTTP 302' } });
  expect(refusals).toHaveLength(1);
});

it('hands on what a refusal says, and when to come back', async () => {
  const { url } = await serve((_request, response) =>
    response.writeHead(429, { 'retry-after': '7' }).end('{"error":"slowly"}'),
  );
  const { called, refusals } = call(url);
  await called;
  expect(refusals).toEqual([{ httpStatus: 429, body: { error: 'slowly' }, retryAfterSeconds: 7 }]);
});

it('knows that an order was not sent when there is nobody to take it', async () => {
  const { url, server } = await serve(() => {});
  await stopListening(server);
  servers.pop();
  expect(await call(url).called).toEqual({
    failure: { status: 'failed', detail: 'not reached: ECONNREFUSED' },
  });
});

it('does not know whether an order arrived when the connection breaks', async () => {
  const { url } = await serve((request) => request.socket.destroy());
  expect(await call(url).called).toMatchObject({ failure: { status: 'unclear' } });
});

it('gives up an answer that does not begin by the deadline', async () => {
  const { url } = await serve(() => {});
  expect(await call(url, 30).called).toMatchObject({
    failure: { status: 'unclear', detail: expect.stringContaining('Timeout') },
  });
});

it('gives up an answer that does not end by the deadline, and hangs up', async () => {
  const gone = Promise.withResolvers<unknown>();
  const { url } = await serve((_request, response) => {
    gone.resolve(once(response, 'close'));
    response.write('{"data":');
  });
  await expect(read(call(url, 200).called)).rejects.toThrow('the answer broke off');
  await gone.promise;
});

it('gives a large answer as it was sent, however long its reader keeps the pieces', async () => {
  const sent = randomBytes(3_000_000).toString('base64');
  const { url } = await serve((_request, response) => response.end(sent));
  expect((await read(call(url).called)) === sent).toBe(true);
});

it('takes in little more of an answer than its reader asks for', async () => {
  let wasTaken = false;
  const { url } = await serve((_request, response) => {
    response.write(Buffer.alloc(64 * 1024 * 1024), () => {
      wasTaken = true;
    });
  });
  const other = await serve((_request, response) => response.end('x'.repeat(1_000_000)));
  const outcome = await call(url).called;
  if ('failure' in outcome) throw new Error('refused');
  const pieces = outcome.answer[Symbol.asyncIterator]();
  await pieces.next();
  for (let turn = 0; turn < 50; turn += 1) await read(call(other.url).called);
  expect(wasTaken).toBe(false);
  await pieces.return?.();
});

it('tells an answer that breaks off from one that ends', async () => {
  const { url } = await serve((_request, response) => {
    response.write('{"data":');
    setImmediate(() => response.destroy());
  });
  await expect(read(call(url).called)).rejects.toThrow('the answer broke off');
});

it('hangs up when nobody reads the answer to its end', async () => {
  const gone = Promise.withResolvers<unknown>();
  const { url } = await serve((_request, response) => {
    gone.resolve(once(response, 'close'));
    response.write('{"data":');
  });
  const outcome = await call(url).called;
  if ('failure' in outcome) throw new Error('refused');
  for await (const _chunk of outcome.answer) break;
  await gone.promise;
});
