import { beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi, testKey } from '../support/api.ts';

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const bodies = {
  '/v1/video/generations': { model: 'kling/kling-v2-6', prompt: 'a boat' },
  '/v1/images/generations': { model: 'openai/gpt-image-2', prompt: 'a kite', response_format: 'b64_json' },
} as Record<string, object>;

describe('a test key', () => {
  const authorization = `Bearer ${testKey}`;

  it('sees every model, and that they are not live', async () => {
    const { data } = (await (await api.get('/v1/models', { authorization })).json()) as {
      data: { id: string; livemode: boolean }[];
    };
    expect(data.map(({ id }) => id)).toContain('kling/kling-v2-6');
    expect(data.every(({ livemode }) => livemode === false)).toBe(true);
  });

  it.each([
    ['/v1/video/generations', {}],
    ['/v1/images/generations', { prefer: 'respond-async' }],
    ['/v1/images/generations', {}],
  ])('is told at once that nothing of it is live: %s %j', async (path, headers) => {
    const { response_format: _none, ...body } = { response_format: '', ...bodies[path] };
    const format = 'prefer' in headers ? {} : { response_format: 'b64_json' };
    const answer = await api.post(path, { ...body, ...format }, { authorization, ...headers });
    expect(await answer.json()).toMatchObject({ livemode: false });
    if (path.includes('video'))
      expect(await (await api.submit(body)).json()).toMatchObject({ livemode: true });
  });

  it('feeds no metric: its lines in the log say that they are not live', async () => {
    await api.submit(bodies['/v1/video/generations'], { authorization });
    await api.submit(bodies['/v1/video/generations']);
    const accepted = api.logged.filter(({ event }) => event === 'task.accepted');
    expect(accepted.map(({ fields }) => fields['livemode'])).toEqual([false, undefined]);
  });

  it('needs no account with any provider', async () => {
    api = createTestApi({ providers: { videoProviders: new Set() } });
    expect((await api.submit(bodies['/v1/video/generations'])).status).toBe(503);
    expect((await api.submit(bodies['/v1/video/generations'], { authorization })).status).toBe(200);
  });

  it('is refused what the model does not take, as a live key is', async () => {
    const wrong = { ...bodies['/v1/video/generations'], metadata: { duration: 7 } };
    const answers = [await api.submit(wrong, { authorization }), await api.submit(wrong)];
    const [test, live] = await Promise.all(answers.map((answer) => answer.json()));
    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    expect(test).toEqual(live);
  });

  it.each([
    ['[fail]', 502],
    ['[busy]', 429],
    ['[refused]', 400],
    ['[lost]', 502],
  ])('makes the outcome of an image that its prompt names: %s', async (word, status) => {
    const body = { ...bodies['/v1/images/generations'], prompt: `a kite ${word}` };
    const response = await api.post('/v1/images/generations', body, { authorization });
    expect(response.status).toBe(status);
  });

  it('is told what the sandbox draws otherwise', async () => {
    const body = { ...bodies['/v1/images/generations'], output_format: 'webp', background: 'transparent' };
    const answer = await api.post('/v1/images/generations', body, { authorization });
    expect(await answer.json()).toMatchObject({
      output_format: 'png',
      warnings: ['drawn as png for a test key, not as webp', 'drawn on an opaque background for a test key'],
    });
  });

  it('asks for fast retries in a prompt, and nowhere else; a live key does not', async () => {
    const body = { ...bodies['/v1/video/generations'], prompt: 'a boat [fast-retries]' };
    await api.submit(body, { authorization });
    await api.submit(body);
    const metadata = { negative_prompt: '[fast-retries]' };
    await api.submit({ ...body, prompt: 'a boat', metadata }, { authorization });
    const tasks = await Promise.all(api.created.map(api.tasks.find));
    expect(tasks.map((task) => task?.fastRetries)).toEqual([true, undefined, undefined]);
  });
});
