import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { describe, expect, it } from 'vitest';
import { streamAnswers } from '../../functions/bootstrap/stream-answers.ts';
import { aContext } from '../../local/function-url.ts';
import { toFunctionUrlEvent } from '../../local/function-url-event.ts';
import { type Prelude, ResponseStream } from '../../local/response-stream.ts';
import { functionUrlOf } from '../support/function-url.ts';

const piecesOf = async function* (words: string[], end: () => void = () => {}) {
  for (const word of words) yield Buffer.from(word);
  end();
};
const breakOff = () => {
  throw new Error('broke off');
};

const app = new Hono()
  .get('/query', (c) =>
    c.json({
      url: c.req.url,
      repeated: c.req.queries('a'),
      cookie: c.req.header('cookie'),
      note: c.req.header('x-note'),
    }),
  )
  .post('/echo', async (c) => c.body(await c.req.arrayBuffer(), 201, { 'content-type': 'image/png' }))
  .get('/nothing', (c) => c.body(null, 204))
  .get('/cookies', (c) => {
    c.header('set-cookie', 'a=1', { append: true });
    c.header('set-cookie', 'b=2', { append: true });
    return c.text('two');
  })
  .get('/pieces', (c) => c.body(ReadableStream.from(piecesOf(['one', 'two', 'three']))))
  .get('/broken', (c) => c.body(ReadableStream.from(piecesOf(['one', 'two'], breakOff))))
  .notFound((c) => c.text(`no ${c.req.method}`, 404))
  .post('/limited', bodyLimit({ maxSize: 4 }), async (c) => c.text(await c.req.text()));

const ask = functionUrlOf(app);
const origin = 'https://gateway.example.com';

describe('the app reads', () => {
  it('the address, repeated query parameters and cookies as they were sent', async () => {
    const answer = await ask(`${origin}/query?a=%20b&a=c`, { headers: { cookie: 'a=1; b=2' } });
    expect(await answer.json()).toEqual({
      url: `${origin}/query?a=%20b&a=c`,
      repeated: [' b', 'c'],
      cookie: 'a=1; b=2',
    });
  });

  it('headers of other alphabets percent-encoded, so that they can be answered', async () => {
    const answer = await ask(`${origin}/query`, { headers: { 'x-note': 'h\u00e9' } });
    expect(await answer.json()).toMatchObject({ note: 'h%C3%A9' });
  });

  it('a header without a value as one without a value, not as none', async () => {
    const answer = await ask(`${origin}/query`, { headers: { 'x-note': '' } });
    expect(await answer.json()).toMatchObject({ note: '' });
  });

  it('bytes as they are', async () => {
    const body = Buffer.from([0, 255, 128, 10]);
    const answer = await ask(`${origin}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body,
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([201, 'image/png']);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(body);
  });

  it('a true Request, so that Hono’s own middleware works', async () => {
    const post = async (body: string) => (await ask(`${origin}/limited`, { method: 'POST', body })).status;
    expect(await post('1234')).toBe(200);
    expect(await post('12345')).toBe(413);
  });
});

describe('the client gets', () => {
  it('nothing but a status', async () => {
    const answer = await ask(`${origin}/nothing`);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
  });

  it('every cookie', async () => {
    expect((await ask(`${origin}/cookies`)).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('what comes in pieces', async () => {
    expect(await (await ask(`${origin}/pieces`)).text()).toBe('onetwothree');
  });

  it('the headers of a HEAD without the body', async () => {
    const answer = await ask(`${origin}/cookies`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(answer.headers.get('content-type')).toMatch('text/plain');
  });
});

/** What a `Request` cannot be made of can reach the handler all the same. */
const eventOf = (method: string, target: string, body = ''): LambdaFunctionURLEvent =>
  toFunctionUrlEvent(
    {
      method,
      target,
      rawHeaders: ['host', 'gateway.example.com', 'content-type', 'application/json'],
      body: Buffer.from(body),
      protocol: 'HTTP/1.1',
      sourceIp: '127.0.0.1',
      port: 443,
    },
    'request',
    0,
  );

const invoke = (event: LambdaFunctionURLEvent) => {
  const begun = Promise.withResolvers<Prelude>();
  const stream = new ResponseStream(begun.resolve);
  const ended = Promise.resolve(streamAnswers(app)(event, stream, aContext('request')));
  return { prelude: begun.promise, stream, ended };
};

describe('a request that `Request` does not allow', () => {
  it('with a body to a GET is read without it', async () => {
    const { prelude, stream } = invoke(eventOf('GET', '/pieces', '{}'));
    expect((await prelude).statusCode).toBe(200);
    expect((await buffer(stream)).toString()).toBe('onetwothree');
  });

  it.each(['TRACE', 'TRACK', 'CONNECT', 'trace'])('with the method %s finds no route', async (method) => {
    const { prelude, stream } = invoke(eventOf(method, '/pieces'));
    expect((await prelude).statusCode).toBe(404);
    expect((await buffer(stream)).toString()).toBe(`no ${method}`);
  });
});

describe('an answer that breaks off', () => {
  it('fails the invocation, and is not ended as a whole one is', async () => {
    const { stream, ended } = invoke(eventOf('GET', '/broken'));
    const pieces: string[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece.toString()));
    await expect(ended).rejects.toThrow('broke off');
    expect(pieces.join('')).toBe('onetwo');
    expect([stream.writableEnded, stream.destroyed]).toEqual([false, false]);
  });

  it('harms no other', async () => {
    const broken = invoke(eventOf('GET', '/broken'));
    broken.stream.resume();
    const whole = ask(`${origin}/pieces`);
    await expect(broken.ended).rejects.toThrow('broke off');
    expect(await (await whole).text()).toBe('onetwothree');
    expect(Readable.isErrored(broken.stream)).toBe(false);
  });
});
