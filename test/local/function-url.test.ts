import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { afterEach, describe, expect, it } from 'vitest';
import { streamAnswers } from '../../functions/bootstrap/stream-answers.ts';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';
import { createFunctionUrl } from '../../local/function-url.ts';
import { installStreaming, type StreamingHandler } from '../../local/response-stream.ts';
import { silentLog } from '../support/silent-log.ts';

let server: Server | undefined;
afterEach(async () => {
  if (server) await stopListening(server);
  server = undefined;
});

const serve = async (handler: StreamingHandler) => {
  server = createFunctionUrl({ handler, now: () => 1_700_000_000_000, log: silentLog });
  return `http://${loopback}:${await listenOnLoopback(server, 0)}`;
};
/** Serves a function that answers with the event it got. */
const serveEcho = () =>
  serve(async (event, responseStream) => {
    responseStream.setContentType('application/json');
    responseStream.end(JSON.stringify(event));
  });
const fetchEvent = async (url: string, init?: RequestInit) =>
  (await (await fetch(url, init)).json()) as LambdaFunctionURLEvent;
const serveApp = (app: Hono) => {
  installStreaming();
  return serve(streamAnswers(app));
};

describe('the event of a Function URL', () => {
  it('carries method, path, query, headers and cookies as AWS gives them', async () => {
    const event = await fetchEvent(`${await serveEcho()}/a%20b/c?x=1&x=2&y=%26`, {
      headers: { cookie: 'one=1; two=2', 'X-Mixed': 'Case' },
    });
    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/a%20b/c',
      rawQueryString: 'x=1&x=2&y=%26',
      queryStringParameters: { x: '1,2', y: '&' },
      cookies: ['one=1', 'two=2'],
      headers: { 'x-mixed': 'Case', 'x-forwarded-for': '127.0.0.1' },
      requestContext: {
        domainName: '127.0.0.1',
        http: { method: 'GET', path: '/a%20b/c', sourceIp: '127.0.0.1' },
        timeEpoch: 1_700_000_000_000,
      },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event).not.toHaveProperty('body');
  });

  it('gives text as it is and everything else as base64', async () => {
    const url = await serveEcho();
    const json = { method: 'POST', body: '{"a":"ü"}', headers: { 'content-type': 'application/json' } };
    expect(await fetchEvent(url, json)).toMatchObject({ body: '{"a":"ü"}', isBase64Encoded: false });
    const bytes = { method: 'POST', body: Buffer.from([0, 255]), headers: { 'content-type': 'image/png' } };
    expect(await fetchEvent(url, bytes)).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
  });

  it('gives what calls itself text and is none as base64', async () => {
    const body = Buffer.from([0x22, 0xfc, 0x22]);
    const latin1 = { method: 'POST', body, headers: { 'content-type': 'application/json; charset=latin1' } };
    expect(await fetchEvent(await serveEcho(), latin1)).toMatchObject({
      body: 'Ivwi',
      isBase64Encoded: true,
    });
  });

  it.each([
    ['the target is a whole URL', 'GET http://elsewhere.example/a?b=c', 'gateway.example', '/a', 'b=c'],
    ['the target is the server itself', 'OPTIONS *', 'gateway.example', '/', ''],
    ['the host is no name', 'GET /a', '[nonsense', '/a', ''],
  ])('can be made into an address when %s', async (_title, start, host, rawPath, rawQueryString) => {
    const { port, hostname } = new URL(await serveEcho());
    const socket = connect(Number(port), hostname);
    socket.end(`${start} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    const event: LambdaFunctionURLEvent = JSON.parse(/\{.*\}/s.exec(await text(socket))?.[0] ?? '');
    expect(event).toMatchObject({ rawPath, rawQueryString });
    expect(URL.canParse(`https://${event.requestContext.domainName}${rawPath}`)).toBe(true);
  });

  it('does not exist for a body of more than 6 MB: 413', async () => {
    const url = await serveEcho();
    const post = async (bytes: number, contentType: string) => {
      const headers = { 'content-type': contentType };
      const answer = await fetch(url, { method: 'POST', headers, body: Buffer.alloc(bytes, 0x20) });
      await answer.arrayBuffer();
      return answer.status;
    };
    expect(await post(6_291_456, 'application/json')).toBe(200);
    expect(await post(6_291_457, 'application/json')).toBe(413);
    expect(await post(5_000_000, 'application/octet-stream')).toBe(413);
  });
});

describe('the answer behind a Function URL', () => {
  it('has the status, headers and cookies of the Hono app', async () => {
    const app = new Hono().get('/', (c) => {
      c.header('set-cookie', 'a=1', { append: true });
      c.header('set-cookie', 'b=2', { append: true });
      return c.json({ ok: true }, 201, { 'x-request-id': 'r1' });
    });
    const answer = await fetch(await serveApp(app));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-request-id')).toBe('r1');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await answer.json()).toEqual({ ok: true });
  });

  it('has no body when the app sends none', async () => {
    const app = new Hono().get('/', (c) => c.redirect('https://example.com/', 302));
    const answer = await fetch(await serveApp(app), { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('https://example.com/');
    expect(await answer.text()).toBe('');
  });

  it('arrives piece by piece', async () => {
    let sendSecond = () => {};
    const firstWasRead = new Promise<void>((resolve) => {
      sendSecond = resolve;
    });
    const app = new Hono().get('/', (c) =>
      stream(c, async (out) => {
        await out.write('first');
        await firstWasRead;
        await out.write('second');
      }),
    );
    const reader = (await fetch(await serveApp(app))).body?.getReader();
    const read = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await read()).toBe('first');
    sendSecond();
    expect(await read()).toBe('second');
  });

  it('may lose its client without harm to the function or to other clients', async () => {
    let finished = false;
    let noticeClientGone = () => {};
    const clientGone = new Promise<void>((resolve) => {
      noticeClientGone = resolve;
    });
    const app = new Hono()
      .get('/healthz', (c) => c.text('ok'))
      .get('/', (c) =>
        stream(c, async (out) => {
          await out.write('first');
          await clientGone;
          for (let piece = 0; piece < 50; piece += 1) await out.write('x'.repeat(65_536));
          finished = true;
        }),
      );
    const url = await serveApp(app);
    const client: ClientRequest = request(url).end();
    const [answer] = (await once(client, 'response')) as [IncomingMessage];
    answer.on('error', () => {}).on('close', noticeClientGone);
    client.destroy();
    await expect.poll(() => finished).toBe(true);
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok');
  });

  it('is cut when the app breaks it off, and the next one is whole', async () => {
    const app = new Hono()
      .get('/healthz', (c) => c.text('ok'))
      .get('/', (c) =>
        c.body(
          ReadableStream.from(
            (async function* () {
              yield Buffer.from('half');
              throw new Error('broke off');
            })(),
          ),
        ),
      );
    const url = await serveApp(app);
    await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok');
  });

  it('is 502 when the function fails', async () => {
    const url = await serve(async () => {
      throw new Error('broken');
    });
    expect((await fetch(url)).status).toBe(502);
  });

  it('is 502 when the function sends a header that HTTP does not allow', async () => {
    const url = await serve(async (_event, responseStream) => {
      responseStream.setPrelude({ headers: { 'x-bad': 'a\nb' } });
      responseStream.write('body');
    });
    expect((await fetch(url)).status).toBe(502);
  });
});
