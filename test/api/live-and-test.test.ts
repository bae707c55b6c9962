import { beforeEach, describe, expect, it } from 'vitest';
import { createGenerateForTask } from '../../lib/images/generate-for-task.ts';
import {
  createProviderSets,
  createVideoProviders,
  type ProviderSets,
} from '../../lib/providers/configured.ts';
import type { SandboxParts } from '../../lib/providers/descriptor.ts';
import { registries } from '../../lib/providers/registry.ts';
import { createTestApi, linkSigningKey, ownKey, ownUrl, type TestApi, testKey } from '../support/api.ts';
import { describedRoutes } from '../support/openapi.ts';
import { silentLog } from '../support/silent-log.ts';
import { requestOf } from '../support/stored.ts';

const setup = {
  registries,
  variables: {},
  credentials: {
    providers: { KLING_API_KEY: 'key', OPENAI_API_KEY: 'key', GEMINI_API_KEY: 'key', XAI_API_KEY: 'key' },
  },
};

/** Addresses of providers that were called, and tasks that the sandbox was given. */
let called: string[];
let inSandbox: string[];
let providers: ProviderSets;
let api: TestApi;

const network = {
  http: async ({ url }: { url: string }) => {
    called.push(new URL(url).host);
    return { noAnswer: 'not reached', mayHaveArrived: false } as const;
  },
  openLink: () => Promise.reject(new Error('a link was opened')),
};
const sandbox: SandboxParts = {
  renders: {
    create: async (taskId) => inSandbox.push(taskId) > 0,
    find: async () => undefined,
    countRefusal: async () => 1,
  },
  linkTo: (fileId) => `${ownUrl}/files/${fileId}`,
};

beforeEach(() => {
  called = [];
  inSandbox = [];
  providers = createProviderSets(setup, network);
  api = createTestApi({ dependencies: { providers } });
});

const video = { model: 'kling/kling-v2-6', prompt: 'a boat' };
const image = { model: 'openai/gpt-image-2', prompt: 'a kite', response_format: 'b64_json' };
const { response_format: _none, ...imageTask } = image;

type Sample = { body: object; headers?: Record<string, string> };

/** What is sent to each route that reads a body: all the ways in which something can be ordered there. */
const samples: Readonly<Record<string, readonly Sample[]>> = {
  '/v1/video/generations': [
    { body: video },
    { body: { ...video, image: 'https://example.com/a.png' } },
    { body: { ...video, model: 'kling/kling-v3-omni' }, headers: { 'idempotency-key': 'order-7' } },
  ],
  '/v1/videos': [
    { body: { ...video, seconds: '5', size: '1280x720' } },
    { body: { ...video, model: 'kling-v2-6' }, headers: { 'x-stainless-retry-count': '0' } },
  ],
  '/v1/images/generations': [
    { body: image },
    { body: { ...image, model: 'google/gemini-3-pro-image' } },
    { body: { ...image, model: 'grok/grok-imagine-image' }, headers: { 'idempotency-key': 'order-8' } },
    {
      body: {
        ...image,
        route: 'fallback',
        models: ['openai/gpt-image-2', 'google/gemini-3-pro-image', 'grok/grok-imagine-image'],
      },
    },
    { body: imageTask, headers: { prefer: 'respond-async' } },
    { body: { ...imageTask, callback_url: 'https://client.example.com/hook' } },
  ],
  '/v1/callbacks/test': [{ body: { url: 'https://client.example.com/hook' } }],
  '/v1/callbacks/recover': [{ body: { since: 0 } }],
  '/v1/callbacks/secret/rotate': [{ body: {} }],
  '/v1/video/generations/:task_id/cancel': [{ body: {} }],
  '/v1/video/generations/:task_id/deliveries': [{ body: {} }],
};

/** Asks every route with this key, those that make something in each of their ways. */
const callEverything = async (key: string): Promise<void> => {
  const authorization = `Bearer ${key}`;
  const { id } = (await (await api.submit(video, { authorization })).json()) as { id: string };
  for (const { method, path } of api.app.routes.filter(({ method }) => method !== 'ALL')) {
    const url = path.replace(/:(task|video)_id/, id).replace(':model{.+}', 'kling/kling-v3');
    if (method !== 'POST') await api.request(url, { method, headers: { authorization } });
    for (const { body, headers } of (method === 'POST' && samples[path]) || [])
      await api.post(url, body, { authorization, ...headers });
  }
};

/** Then each worker does its first step for every task, as a message would make it. */
const runWorkers = async (): Promise<void> => {
  const providerOf = createVideoProviders(setup, {
    ...network,
    now: () => api.clock.nowMs,
    readPicture: async () => new Uint8Array(),
    sandbox,
  });
  const makeImages = createGenerateForTask({
    providers,
    assets: { putImage: async () => ({ fileId: 'file_1', contentType: 'image/png', sizeBytes: 1 }) },
    linkSigningKey,
    costOf: () => ({ microUsd: null }),
    publicUrl: ownUrl,
    now: () => api.clock.nowMs,
    log: silentLog,
  });
  for (const task of await tasks()) {
    const request = requestOf(task);
    if (request !== undefined) {
      const provider = providerOf(task);
      await (await provider.prepare(request, { taskId: task.id }))();
      await provider.find?.(request.action, task.id);
      await provider.poll({ action: request.action, id: task.id });
    }
    if (task.kind === 'image' && task.state !== 'ended') await makeImages(task)();
  }
};

const tasks = async () =>
  (await Promise.all(api.created.map(api.tasks.find))).filter((task) => task !== undefined);
const livemodes = async () => [...new Set((await tasks()).map(({ livemode }) => livemode))];
/** The most that the ways above can make: a call of another provider each. */
const hosts = [
  'api-singapore.klingai.com',
  'api.openai.com',
  'generativelanguage.googleapis.com',
  'api.x.ai',
];

describe('over every route', () => {
  it('each that reads a body is known to this test', () => {
    const known = Object.keys(samples).map((path) => path.replace(/:(\w+)/g, '{$1}'));
    const described = describedRoutes
      .filter(({ method, operation }) => method === 'POST' && 'requestBody' in operation)
      .map(({ path }) => path);
    expect(known).toEqual(expect.arrayContaining(described));
    expect(api.app.routes.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(samples)));
  });

  it('a test key reaches no provider, and what it makes is marked', async () => {
    await callEverything(testKey);
    await runWorkers();
    expect(called).toEqual([]);
    expect(await livemodes()).toEqual([false]);
    expect(inSandbox.length).toBeGreaterThanOrEqual(5);
  });

  it('a live key never reaches the sandbox', async () => {
    await callEverything(ownKey);
    await runWorkers();
    expect(inSandbox).toEqual([]);
    expect(await livemodes()).toEqual([true]);
    expect([...new Set(called)].sort()).toEqual(hosts.sort());
  });

  it('no image of a live key is drawn where its providers do not answer', async () => {
    for (const { body } of (samples['/v1/images/generations'] ?? []).slice(0, 4))
      expect((await api.post('/v1/images/generations', body)).status).toBeGreaterThanOrEqual(500);
  });
});

describe('one Idempotency-Key of a live and of a test key', () => {
  const once = { 'idempotency-key': 'order-9' };
  const test = { authorization: `Bearer ${testKey}` };

  it.each([
    ['/v1/video/generations', video, {}],
    ['/v1/videos', video, {}],
    ['/v1/images/generations', imageTask, { prefer: 'respond-async' }],
  ])('means two tasks, each of its own kind: %s', async (path, body, headers) => {
    const first = await api.post(path, body, { ...headers, ...once });
    const second = await api.post(path, body, { ...headers, ...once, ...test });
    const [live, made] = [await first.json(), await second.json()] as [{ id: string }, { id: string }];
    expect([first, second].map((answer) => answer.headers.get('idempotent-replayed'))).toEqual([null, null]);
    expect(made.id).not.toBe(live.id);
    expect((await api.tasks.find(live.id))?.livemode).toBe(true);
    expect((await api.tasks.find(made.id))?.livemode).toBe(false);
  });

  it('never answers the test key’s image to the live key', async () => {
    const drawn = await api.post('/v1/images/generations', image, { ...once, ...test });
    expect(await drawn.json()).toMatchObject({ livemode: false, data: [{ b64_json: expect.any(String) }] });
    const live = await api.post('/v1/images/generations', image, once);
    expect(live.status).toBeGreaterThanOrEqual(500);
    expect(called).toEqual(['api.openai.com']);
  });
});

it('no set of providers can stand for the other, which a compiler says', () => {
  const { live, test } = providers;
  // @ts-expect-error: the sandbox is no provider of a live key
  const forLive: ProviderSets = { live: test, test };
  // @ts-expect-error: a provider is not the sandbox of a test key
  const forTest: ProviderSets = { live, test: live };
  expect(forLive).not.toEqual(forTest);
});
