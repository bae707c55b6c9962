import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMillionths } from '../../lib/money.ts';
import { createTestApi, errorOf } from '../support/api.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { makeTestKey } from '../support/test-key.ts';

const videos = '/v1/video/generations';
const images = '/v1/images/generations';
type Estimate = { cost_usd: string };
const kling = { model: 'kling/kling-v2-6', prompt: 'a kite' };

describe('estimate=true', () => {
  it.each([videos, '/v1/videos'])('prices a video of POST %s and makes nothing', async (path) => {
    const api = createTestApi();
    const body = { ...kling, seconds: 10, metadata: { mode: 'std' } };
    const headers = { 'idempotency-key': 'one' };
    const response = await api.post(`${path}?estimate=true`, body, headers);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      object: 'estimate',
      model: kling.model,
      livemode: true,
      cost_usd: '0.42',
      parts: [{ what: 'video', quantity: 10, unit: 'second', unit_usd: '0.042', cost_usd: '0.42' }],
      warnings: [],
    });
    expect([api.created, api.sent]).toEqual([[], []]);
    // It counts as reading, and leaves nothing that a request with the same key would find.
    expect(api.limits.taken).toMatchObject({ create: 0, read: 1 });
    const accepted = await api.post(path, body, headers);
    expect(accepted.headers.get('idempotent-replayed')).toBeNull();
    expect(api.created).toHaveLength(1);
  });

  it('says what the task then costs', async () => {
    const api = createTestApi();
    for (const metadata of [{}, { mode: 'pro' }, { duration: 10 }, { mode: 'pro', sound: 'on' }]) {
      const body = { ...kling, metadata };
      const { id } = (await (await api.submit(body)).json()) as { id: string };
      const estimate = (await (await api.post(`${videos}?estimate=true`, body)).json()) as Estimate;
      const task = await api.tasks.find(id);
      expect(task).toMatchObject({ price: { listMicroUsd: parseMillionths(estimate.cost_usd) } });
    }
  });

  it('says what would not be done', async () => {
    const api = createTestApi();
    const body = { ...kling, metadata: { lighting: 'warm' }, prompts: 'two' };
    const { warnings } = (await (await api.submit(body)).json()) as { warnings: string[] };
    expect(warnings).toHaveLength(2);
    expect(await (await api.post(`${videos}?estimate=true`, body)).json()).toMatchObject({ warnings });
  });

  it('checks a request as if it were to be carried out', async () => {
    const api = createTestApi();
    for (const [body, headers] of [
      [{ ...kling, metadata: { duration: 7 } }],
      [{ ...kling, callback_url: 'http://127.0.0.1' }],
      [{ model: kling.model }],
      [kling, { 'idempotency-key': 'x'.repeat(256) }],
    ] as const) {
      const [refused, estimated] = [
        await api.submit(body, headers),
        await api.post(`${videos}?estimate=true`, body, headers),
      ];
      expect(estimated.status).toBe(400);
      expect(await errorOf(estimated)).toEqual(await errorOf(refused));
    }
  });

  it.each(['', 'yes', '1', 'True', 'true&estimate=false'])(
    'is no order when it is misspelt: %s',
    async (value) => {
      const api = createTestApi();
      const response = await api.post(`${videos}?estimate=${value}`, kling);
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ param: 'estimate', code: 'invalid_request' });
      expect(api.created).toEqual([]);
    },
  );

  it.each([videos, '/v1/videos'])('is no order when its name is misspelt, of POST %s', async (path) => {
    const api = createTestApi();
    const response = await api.post(`${path}?estimat=true`, kling);
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ param: 'estimat', code: 'invalid_request' });
    expect(error.message).toContain('there is estimate');
    expect(api.created).toEqual([]);
  });

  it('says why no price can be told', async () => {
    const api = createTestApi();
    const edited = {
      model: 'kling/kling-v3-omni',
      prompt: 'in the rain',
      metadata: { video_list: [{ video_url: 'https://example.com/a.mp4', refer_type: 'base' }] },
    };
    expect(await (await api.post(`${videos}?estimate=true`, edited)).json()).toMatchObject({
      cost_usd: null,
      parts: [],
      reason: expect.stringContaining('follows the one that was given'),
    });
  });

  it('of false is an order', async () => {
    const api = createTestApi();
    expect((await api.post(`${videos}?estimate=false`, kling)).status).toBe(200);
    expect(api.created).toHaveLength(1);
  });
});

describe('estimate=true on a whole gateway', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(() => stack.stop());

  const send = (body: object, headers: Record<string, string> = {}, query = 'estimate=true') =>
    fetch(`${stack.url}${images}?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const estimate = async (...request: Parameters<typeof send>) => {
    const response = await send(...request);
    return { status: response.status, answer: await response.json() };
  };
  const asked = () => Object.values(stack.fakes).reduce((sum, fake) => sum + (fake?.requests.length ?? 0), 0);

  it.each([{}, { prefer: 'respond-async' }])('prices images and asks no provider: %j', async (headers) => {
    const body = { model: 'grok/grok-imagine-image', prompt: 'two kites', n: 2 };
    const before = asked();
    const { answer } = await estimate(body, headers);
    expect(asked()).toBe(before);
    expect(answer).toMatchObject({
      cost_usd: '0.04',
      parts: [{ what: 'images', quantity: 2, unit: 'image', unit_usd: '0.02', cost_usd: '0.04' }],
    });
  });

  it.each([{}, { prefer: 'respond-async' }])('says what the images would come with: %j', async (headers) => {
    const body = {
      model: 'google/gemini-nano-banana-2.1',
      prompt: 'a kite',
      size: '256x256',
      style: 'vivid',
    };
    const [made, estimated] = [await send(body, headers, ''), await send(body, headers)];
    const { warnings } = (await made.json()) as { warnings: string[] };
    expect(warnings.length).toBeGreaterThan(1);
    expect(await estimated.json()).toMatchObject({ object: 'estimate', warnings });
    expect(estimated.headers.get('x-clear-warnings')).toBe(made.headers.get('x-clear-warnings'));
  });

  it('says that what is charged by the token is known afterwards', async () => {
    expect(await estimate({ model: 'openai/gpt-image-2', prompt: 'a kite' })).toMatchObject({
      status: 200,
      answer: { cost_usd: null, reason: expect.stringContaining('by the token') },
    });
  });

  it('is no order of images when its name is misspelt', async () => {
    const before = asked();
    const body = { model: 'openai/gpt-image-2', prompt: 'a kite' };
    expect(await estimate(body, {}, 'estimat=true')).toMatchObject({
      status: 400,
      answer: { error: { param: 'estimat', code: 'invalid_request' } },
    });
    expect(asked()).toBe(before);
  });

  it('refuses what would be refused', async () => {
    const body = { model: 'openai/gpt-image-2', prompt: 'a kite', n: 0 };
    expect(await estimate(body)).toMatchObject({ status: 400 });
    expect(await estimate({ ...body, n: 1, callback_url: 'ftp://example.com' })).toMatchObject({
      status: 400,
    });
  });

  it('shows a test key what a live one would pay', async () => {
    const { key } = await makeTestKey(stack.cloud);
    const { answer } = await estimate(
      { model: 'grok/grok-imagine-image', prompt: 'a kite' },
      { authorization: `Bearer ${key}` },
    );
    expect(answer).toMatchObject({ cost_usd: '0.02', livemode: false });
  });

  it('reaches the gateway through the openai package', async () => {
    const client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1`, maxRetries: 0 });
    const answer = await client.post('/videos', { query: { estimate: true }, body: kling });
    expect(answer).toMatchObject({ object: 'estimate', cost_usd: expect.stringMatching(/^0\.\d+$/) });
  });
});
