import { Hono } from 'hono';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { streamAnswers } from '../../functions/bootstrap/stream-answers.ts';
import type { ApiEnvironment } from '../../lib/api/context.ts';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';
import { createFunctionUrl } from '../../local/function-url.ts';
import { installStreaming, type StreamingHandler } from '../../local/response-stream.ts';
import { silentLog } from '../support/silent-log.ts';

const app = new Hono<ApiEnvironment>()
  .get('/query', (c) =>
    c.json({ url: c.req.url, cookie: c.req.header('cookie'), note: c.req.header('x-note') }),
  )
  .post('/echo', async (c) => c.body(await c.req.arrayBuffer(), 201, { 'content-type': 'image/png' }))
  .get('/nothing', (c) => c.body(null, 204))
  .get('/cookies', (c) => {
    c.header('set-cookie', 'a=1', { append: true });
    c.header('set-cookie', 'b=2', { append: true });
    return c.text('two');
  })
  .get('/pieces', (c) => {
    c.env.sendBody?.(piecesOf('one', 'two', 'three'));
    return c.body(null);
  })
  .get('/endless', (c) => {
    c.env.sendBody?.(endless());
    return c.body(null);
  })
  .get('/broken', (c) => {
    c.env.sendBody?.(breaking());
    return c.body(null);
  });

let stopEndless = () => {};
let noticeEnd = () => {};
const endlessHasEnded = new Promise<void>((resolve) => {
  noticeEnd = resolve;
});
/** Goes on until it is told to stop, or left. */
const endless = async function* () {
  let goesOn = true;
  stopEndless = () => {
    goesOn = false;
  };
  try {
    while (goesOn) yield Buffer.alloc(65_536);
  } finally {
    noticeEnd();
  }
};

const piecesOf = async function* (...words: string[]) {
  for (const word of words) yield Buffer.from(word);
};

const breaking = async function* () {
  yield Buffer.from('one');
  yield Buffer.from('two');
  throw new Error('broke off');
};

let stop: (() => Promise<void>) | undefined;
const serve = async () => {
  const handler = streamAnswers(app) as unknown as StreamingHandler;
  const server = createFunctionUrl({ handler, now: Date.now, log: silentLog });
  stop = () => stopListening(server);
  return `http://${loopback}:${await listenOnLoopback(server, 0)}`;
};
beforeAll(installStreaming);
afterEach(() => stop?.());

it('hands the app what was asked', async () => {
  const headers = { cookie: 'a=1', 'x-note': 'h\u00e9' };
  const answer = await fetch(`${await serve()}/query?a=%20b&a=c`, { headers });
  expect(await answer.json()).toEqual({
    url: expect.stringMatching(/\/query\?a=%20b&a=c$/),
    cookie: 'a=1',
    note: 'h%C3%A9',
  });
});

it('hands bytes on as they are, both ways', async () => {
  const body = Buffer.from([0, 255, 128, 10]);
  const answer = await fetch(`${await serve()}/echo`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body,
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(body);
});

it('answers with nothing but a status', async () => {
  const answer = await fetch(`${await serve()}/nothing`);
  expect([answer.status, await answer.text()]).toEqual([204, '']);
});

it('sets every cookie', async () => {
  const answer = await fetch(`${await serve()}/cookies`);
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

it('streams what comes in pieces', async () => {
  expect(await (await fetch(`${await serve()}/pieces`)).text()).toBe('onetwothree');
});

it('lets the client see that an answer broke off', async () => {
  const answer = fetch(`${await serve()}/broken`).then((response) => response.text());
  await expect(answer).rejects.toThrow();
});

it('goes on answering others when a client leaves in the middle of an answer', async () => {
  const url = await serve();
  const leaving = new AbortController();
  const answer = await fetch(`${url}/endless`, { signal: leaving.signal });
  const reader = answer.body?.getReader();
  await reader?.read();
  const left = reader?.closed.catch(() => 'left');
  leaving.abort();
  expect(await left).toBe('left');
  stopEndless();
  await endlessHasEnded;
  expect(await (await fetch(`${url}/pieces`)).text()).toBe('onetwothree');
});
