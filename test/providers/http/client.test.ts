import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpRequest } from '../../../lib/providers/http/client.ts';
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

const http = createHttpClient(fetch);
const post = (url: string, changes: Partial<HttpRequest> = {}) =>
  http({
    method: 'POST',
    url,
    headers: { 'x-key': 'k' },
    body: '{"prompt":"ä"}',
    deadlineMs: 10_000,
    maxAnswerBytes: 1_000_000,
    ...changes,
  });
const bodyOf = async (answer: ReturnType<typeof post>) => {
  const found = await answer;
  if ('noAnswer' in found) throw new Error(found.noAnswer);
  return found.body;
};

it('sends the request, names itself and asks for no compression', async () => {
  const { url } = await serve(async (request, response) => {
    const { 'accept-encoding': encoding, 'user-agent': agent, 'x-key': key } = request.headers;
    response.end(`${request.method} ${key} ${agent} ${encoding} ${await text(request)}`);
  });
  expect(await bodyOf(post(url))).toBe('POST k clearmaas-gateway identity {"prompt":"ä"}');
});

it('opens a connection for each request, so that none meets one that has died', async () => {
  let connections = 0;
  const { url, server } = await serve((_request, response) => response.end('{}'));
  server.on('connection', () => {
    connections += 1;
  });
  for (const _ of [1, 2, 3]) await bodyOf(post(url));
  expect(connections).toBe(3);
});

it('does not follow a redirect', async () => {
  const { url } = await serve((_request, response) => response.writeHead(302, { location: '/' }).end());
  expect(await post(url)).toMatchObject({ httpStatus: 302 });
});

it('gives the status, the body and when to come back', async () => {
  const { url } = await serve((_request, response) =>
    response.writeHead(429, { 'retry-after': '7' }).end('{"error":"slowly"}'),
  );
  expect(await post(url)).toEqual({
    httpStatus: 429,
    retryAfterSeconds: 7,
    body: '{"error":"slowly"}',
  });
});

it('gives a large answer as it was sent', async () => {
  const sent = randomBytes(3_000_000).toString('base64');
  const { url } = await serve((_request, response) => response.end(sent));
  expect((await bodyOf(post(url, { maxAnswerBytes: 5_000_000 }))) === sent).toBe(true);
});

describe('an answer that is too long', () => {
  it('is given up where the limit is', async () => {
    const gone = Promise.withResolvers<unknown>();
    const { url } = await serve((_request, response) => {
      gone.resolve(once(response, 'close'));
      const more = () => {
        if (response.writable) response.write(Buffer.alloc(65_536), more);
      };
      more();
    });
    const answer = await post(url);
    expect(answer).toMatchObject({ httpStatus: 200, broken: 'longer than 1000000 bytes' });
    await gone.promise;
  });

  it('is counted as it is unpacked', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
    );
    expect(await post(url)).toMatchObject({ broken: 'longer than 1000000 bytes' });
  });
});

describe('a request that did not arrive', () => {
  it('is one that nobody takes', async () => {
    const { url, server } = await serve(() => {});
    await stopListening(server);
    servers.pop();
    expect(await post(url)).toEqual({ noAnswer: 'ECONNREFUSED', mayHaveArrived: false });
  });

  it('is one whose host has no address', async () => {
    expect(await post('https://no-such-host.invalid/')).toMatchObject({ mayHaveArrived: false });
  });

  it.each([
    ['a line break in a header', { headers: { authorization: 'Bearer secret\nx' } }],
    ['a letter beyond Latin-1 in a header', { headers: { authorization: 'Bearer sécret…' } }],
  ])('is one that cannot be sent: %s, of which nothing is told', async (_what, changes) => {
    const { url } = await serve((_request, response) => response.end());
    expect(await post(url, changes)).toEqual({
      noAnswer: 'the request cannot be sent',
      mayHaveArrived: false,
    });
  });
});

describe('a request that may have arrived', () => {
  it('is one whose connection breaks', async () => {
    const { url } = await serve((request) => request.socket.resetAndDestroy());
    expect(await post(url)).toEqual({ noAnswer: expect.any(String), mayHaveArrived: true });
  });

  it('is one that is not answered by the deadline', async () => {
    const { url } = await serve(() => {});
    expect(await post(url, { deadlineMs: 30 })).toEqual({
      noAnswer: 'it took too long',
      mayHaveArrived: true,
    });
  });

  it('is one that something else than HTTP answers', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-x\r\n'));
    await once(server.listen(0, loopback), 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await post(`http://${loopback}:${port}`)).toMatchObject({ mayHaveArrived: true });
    server.close();
  });
});

describe('an answer that does not come whole', () => {
  it('is told from one that does', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(500, { 'content-length': 100 });
      response.write('{"data":', () => response.destroy());
    });
    expect(await post(url)).toEqual({
      httpStatus: 500,
      body: '{"data":',
      broken: expect.any(String),
    });
  });

  it('is given up at the deadline', async () => {
    const gone = Promise.withResolvers<unknown>();
    const { url } = await serve((_request, response) => {
      gone.resolve(once(response, 'close'));
      response.write('{"data":');
    });
    expect(await post(url, { deadlineMs: 300 })).toMatchObject({ broken: 'it took too long' });
    await gone.promise;
  });
});
