import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { functionUrlEvent } from '../../bench/support/events.ts';
import { requestOfEvent } from '../../functions/bootstrap/event-request.ts';

const event = (changes: Partial<LambdaFunctionURLEvent> = {}): LambdaFunctionURLEvent => {
  const usual = functionUrlEvent({ method: 'POST', path: '/v1/things', apiKey: 'k' });
  return { ...(usual as unknown as LambdaFunctionURLEvent), ...changes };
};

const app = new Hono()
  .get('/v1/models/:model{.+}', (c) => c.json({ model: c.req.param('model'), query: c.req.queries('a') }))
  .post('/v1/things', async (c) => c.json({ body: await c.req.text(), again: await c.req.text() }));
const ask = async (asked: LambdaFunctionURLEvent) => (await app.fetch(requestOfEvent(asked))).json();
const header = (name: string, changes: Partial<LambdaFunctionURLEvent>) =>
  requestOfEvent(event(changes)).headers.get(name);

describe('what an app reads of an event', () => {
  it('has a body of text, as often as it is asked for', async () => {
    expect(await ask(event({ body: '{"a":"ü"}' }))).toEqual({ body: '{"a":"ü"}', again: '{"a":"ü"}' });
    expect(await ask(event())).toEqual({ body: '', again: '' });
  });

  it('has a body that came as base64', async () => {
    const body = Buffer.from('{"a":"ü"}').toString('base64');
    expect(await ask(event({ body, isBase64Encoded: true }))).toMatchObject({ body: '{"a":"ü"}' });
  });

  it('has path and query, percent-encoded or not', async () => {
    const { requestContext } = event();
    const get = { requestContext: { ...requestContext, http: { ...requestContext.http, method: 'GET' } } };
    const asked = event({ ...get, rawPath: '/v1/models/openai%2Fgpt-image-2', rawQueryString: 'a=%20b&a=c' });
    expect(await ask(asked)).toEqual({ model: 'openai/gpt-image-2', query: [' b', 'c'] });
    expect(await ask(event({ ...get, rawPath: '/v1/models/openai/gpt-image-2' }))).toMatchObject({
      model: 'openai/gpt-image-2',
    });
  });

  it('has headers by any spelling of their names, repeated ones as AWS joins them', () => {
    expect(header('Prefer', { headers: { prefer: 'respond-async,wait=5' } })).toBe('respond-async,wait=5');
    expect(header('prefer', { headers: {} })).toBeNull();
  });

  it('has all cookies in one header', () => {
    expect(header('cookie', { cookies: ['a=1', 'b=2'] })).toBe('a=1; b=2');
  });

  it('has no header that only an object has', () => {
    expect(header('constructor', {})).toBeNull();
  });

  it('has headers of other alphabets percent-encoded, so that they can be answered', () => {
    expect(header('x-note', { headers: { 'x-note': 'hé' } })).toBe('h%C3%A9');
  });
});
