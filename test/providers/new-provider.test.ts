import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf, missingAccount, providerVariables } from '../../lib/providers/accounts.ts';
import { createProviderSets, createVideoProviders } from '../../lib/providers/configured.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { createRegistries, registry } from '../../lib/providers/registry.ts';
import { createPollVideo } from '../../lib/videos/poll-video.ts';
import { createSubmitVideo } from '../../lib/videos/submit-video.ts';
import { startFakes } from '../../local/fakes.ts';
import { readSettings } from '../../local/settings.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import { createTestApi } from '../support/api.ts';
import { noSandbox } from '../support/no-sandbox.ts';
import { createOpenQueue } from '../support/open-queue.ts';
import { aPng } from '../support/pictures.ts';
import { openNothing } from '../support/provider-answers.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';
import { paperImages, paperVideos } from './paper/paper.ts';

/** The line that adds it. */
const withPaper = createRegistries([...registry.descriptors, paperVideos, paperImages]);

let upstream: AnsweringServer;
beforeAll(async () => {
  upstream = await startAnsweringServer();
});
afterAll(() => upstream.close());

const setUp = () => {
  const setup = {
    registries: withPaper,
    variables: { PAPER_VIDEOS_BASE_URL: upstream.url, PAPER_IMAGES_BASE_URL: upstream.url },
    credentials: { providers: { PAPER_API_KEY: 'key' } },
  };
  const http = createHttpClient(fetch);
  const providerOf = createVideoProviders(setup, {
    http,
    now: Date.now,
    readPicture: async () => new Uint8Array(),
    sandbox: noSandbox,
  });
  const api = createTestApi({
    dependencies: {
      registry: withPaper.live,
      providers: createProviderSets(setup, { http, openLink: openNothing }),
    },
  });
  return { api, providerOf };
};

const request = { model: 'paper/kite-1', prompt: 'a kite', metadata: { folds: 3 } };

describe('a provider of videos that was added', () => {
  it('makes a video, from the request to its end', async () => {
    const { api, providerOf } = setUp();
    const response = await api.post('/v1/video/generations', request);
    expect(response.status).toBe(200);
    const { id } = (await response.json()) as { id: string };

    const { wakeUps, sent } = createRecordedWakeUps();
    const now = () => api.clock.nowMs;
    const shared = { tasks: api.tasks, providerOf, wakeUps, now, random: () => 0.5, log: silentLog };
    upstream.answer({ status: 200, body: { id: 'v1' } });
    await createSubmitVideo({
      ...shared,
      queue: createOpenQueue().queue,
      maxInFlight: async () => undefined,
      webhookUrlFor: () => undefined,
      discardInputs: async () => {},
      copiesResults: false,
    })(id);
    expect(upstream.requests.at(-1)).toMatchObject({
      path: '/videos',
      headers: { authorization: 'Bearer key' },
      body: JSON.stringify({ model: 'kite', prompt: 'a kite', folds: 3 }),
    });

    api.clock.nowMs += 60_000;
    upstream.answer({ status: 200, body: { url: 'https://cdn.paper.example/v1.mp4' } });
    const poll = sent.find(({ queue }) => queue === 'poll');
    await createPollVideo(shared)(poll?.message as Parameters<ReturnType<typeof createPollVideo>>[0]);
    expect(await (await api.get(`/v1/video/generations/${id}`)).json()).toMatchObject({
      data: { status: 'SUCCESS', result_url: 'https://cdn.paper.example/v1.mp4' },
    });
  });

  it('reads its own fields', async () => {
    const { api } = setUp();
    const refused = await api.post('/v1/video/generations', { ...request, metadata: { folds: 'many' } });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { param: 'metadata.folds' } });
    const atTheTop = await api.post('/v1/video/generations', { model: request.model, prompt: 'x', folds: 2 });
    expect(await atTheTop.json()).toMatchObject({ warnings: [] });
    const foreign = await api.post('/v1/video/generations', { ...request, metadata: { mode: 'pro' } });
    expect(await foreign.json()).toMatchObject({ warnings: [expect.stringContaining('metadata.mode')] });
  });

  it('has a webhook only where it reads one', async () => {
    const { api } = setUp();
    const answer = await api.post('/hooks/paper-videos/task_1/token', {});
    expect(answer.status).toBe(404);
  });

  it('does not take the models of others along', async () => {
    const { api, providerOf } = setUp();
    const kling = await api.post('/v1/video/generations', { model: 'kling/kling-v3', prompt: 'x' });
    expect(kling.status).toBe(503);
    expect(() => providerOf({ livemode: true, resolvedModel: 'kling/kling-v3' })).toThrow(
      'credentials: set KLING_API_KEY, or KLING_ACCESS_KEY',
    );
  });
});

describe('a provider of images that was added', () => {
  it('makes an image', async () => {
    const { api } = setUp();
    const picture = aPng().toString('base64');
    upstream.answer({ status: 200, body: { picture } });
    const response = await api.post('/v1/images/generations', {
      model: 'paper/sheet-1',
      prompt: 'a sheet',
      response_format: 'b64_json',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ data: [{ b64_json: picture }] });
  });
});

describe('what follows from the line in the registry', () => {
  it('is its models, in the list and in the OpenAPI document', async () => {
    const { api } = setUp();
    const models = await (await api.get('/v1/models')).json();
    expect(models).toMatchObject({ data: [{ id: 'paper/kite-1' }, { id: 'paper/sheet-1' }] });
    const document = JSON.stringify(await (await api.get('/openapi.json')).json());
    expect(document).toContain('paper/kite-1');
    expect(document).toContain('How often the paper is folded.');
  });

  it('is that one machine does without it where it has no fake', async () => {
    const settings = readSettings({ PAPER_API_KEY: 'costs-money' });
    const fakes = await startFakes({ settings, log: silentLog, descriptors: [paperVideos, paperImages] });
    expect(Object.keys(fakes.running)).toEqual([]);
    expect(fakes.variables).toEqual({ PAPER_API_KEY: undefined });
    await fakes.stop();
  });

  it('is its settings and credentials', () => {
    expect(providerVariables([paperVideos, paperImages])).toEqual([
      'PAPER_VIDEOS_BASE_URL',
      'PAPER_VIDEOS_EXTRA_FIELDS',
      'PAPER_IMAGES_BASE_URL',
      'PAPER_API_KEY',
      'PAPER_API_KEY',
    ]);
    expect(accountOf(paperVideos, {}, { providers: {} })).toBeUndefined();
    expect(missingAccount([paperVideos]).message).toBe('credentials: set PAPER_API_KEY');
  });
});
