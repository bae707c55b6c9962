import { beforeEach, describe, expect, it } from 'vitest';
import { createProviderSets } from '../../lib/providers/configured.ts';
import { registries } from '../../lib/providers/registry.ts';
import { createTestApi, ownKey, type TestApi, testKey } from '../support/api.ts';

const credentials = {
  providers: { KLING_API_KEY: 'key', OPENAI_API_KEY: 'key', GEMINI_API_KEY: 'key', XAI_API_KEY: 'key' },
};

/** Addresses of providers that were called. */
let called: string[];
let api: TestApi;
beforeEach(() => {
  called = [];
  const providers = createProviderSets(
    { registries, variables: {}, credentials },
    {
      http: async ({ url }) => {
        called.push(new URL(url).host);
        return { noAnswer: 'not reached', mayHaveArrived: false };
      },
      openLink: () => Promise.reject(new Error('a link was opened')),
    },
  );
  api = createTestApi({ dependencies: { providers } });
});

const bodies = {
  '/v1/video/generations': { model: 'kling/kling-v2-6', prompt: 'a boat' },
  '/v1/images/generations': { model: 'openai/gpt-image-2', prompt: 'a kite', response_format: 'b64_json' },
} as Record<string, object>;

/** Every route, with a task of the caller's own where it wants one. */
const callEverything = async (key: string): Promise<void> => {
  const authorization = `Bearer ${key}`;
  const submitted = await api.submit(bodies['/v1/video/generations'], { authorization });
  const { id } = (await submitted.json()) as { id: string };
  for (const { method, path } of api.app.routes) {
    if (method === 'ALL') continue;
    const url = path.replace(':task_id', id).replace(':model{.+}', 'kling/kling-v3');
    if (method === 'POST') await api.post(url, bodies[path] ?? {}, { authorization });
    else await api.get(url, { authorization });
  }
  for (const model of ['google/gemini-3-pro-image', 'grok/grok-imagine-image'])
    await api.post(
      '/v1/images/generations',
      { model, prompt: 'a kite', response_format: 'b64_json' },
      { authorization },
    );
  await api.post('/v1/images/generations', bodies['/v1/images/generations'], {
    authorization,
    prefer: 'respond-async',
  });
};

const modesOfTasks = async () =>
  (await Promise.all(api.created.map(api.tasks.find))).map((task) => task?.livemode);

describe('over every route', () => {
  it('a test key reaches no provider, and what it makes is marked', async () => {
    await callEverything(testKey);
    expect(called).toEqual([]);
    expect(new Set(await modesOfTasks())).toEqual(new Set([false]));
  });

  it('a live key never reaches the sandbox', async () => {
    await callEverything(ownKey);
    expect(new Set(called).size).toBeGreaterThan(1);
    expect(new Set(await modesOfTasks())).toEqual(new Set([true]));
  });
});

describe('a test key', () => {
  const authorization = `Bearer ${testKey}`;

  it('sees every model, and that they are not live', async () => {
    const { data } = (await (await api.get('/v1/models', { authorization })).json()) as {
      data: { id: string; livemode: boolean }[];
    };
    expect(data.map(({ id }) => id)).toContain('kling/kling-v2-6');
    expect(data.every(({ livemode }) => livemode === false)).toBe(true);
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

  it('asks for fast retries in a prompt; a live key does not', async () => {
    const body = { ...bodies['/v1/video/generations'], prompt: 'a boat [fast-retries]' };
    await api.submit(body, { authorization });
    await api.submit(body);
    const tasks = await Promise.all(api.created.map(api.tasks.find));
    expect(tasks.map((task) => task?.fastRetries)).toEqual([true, undefined]);
  });
});
