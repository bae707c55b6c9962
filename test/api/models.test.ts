import { beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import type { ImageProviders } from '../../lib/providers/image-provider.ts';
import { registry } from '../../lib/providers/registry.ts';
import { createTestApi, errorOf, type TestApi } from '../support/api.ts';
import { openNothing } from '../support/provider-answers.ts';

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

describe('models', () => {
  const everyImageProvider: ImageProviders = Object.fromEntries(
    registry.images.map((descriptor) => [
      descriptor.name,
      descriptor.create(
        { baseUrl: 'https://provider.example', credentials: {} },
        { http: createHttpClient(fetch), openLink: openNothing },
      ),
    ]),
  );
  const modelsOf = async (testApi: TestApi) =>
    (await (await testApi.get('/v1/models')).json()) as { object: string; data: { id: string }[] };

  it('are those alone that this deployment has credentials for', async () => {
    const ids = async (options: Parameters<typeof createTestApi>[0]) =>
      (await modelsOf(createTestApi(options))).data.map(({ id }) => id.split('/')[0]);
    const { openai } = everyImageProvider;
    expect(new Set(await ids({}))).toEqual(new Set(['kling']));
    expect(await ids({ providers: { videoProviders: new Set<string>() } })).toEqual([]);
    const both = await ids({ providers: { imageProviders: openai === undefined ? {} : { openai } } });
    expect(new Set(both)).toEqual(new Set(['kling', 'openai']));
  });

  it('are all of them whatever the query says: clients that know pages send a limit', async () => {
    const api = createTestApi();
    const answer = await api.get('/v1/models?limit=1&after=kling/kling-v3&limit=2');
    expect(await answer.json()).toEqual(await modelsOf(api));
  });

  it('are listed in OpenAI’s shape, all of ClearMaas’s among them', async () => {
    const list = await modelsOf(createTestApi({ providers: { imageProviders: everyImageProvider } }));
    expect(list).toMatchObject({ object: 'list' });
    expect(list.data).toContainEqual({
      id: 'kling/kling-v2-master',
      object: 'model',
      created: Date.parse('2025-04-15') / 1000,
      owned_by: 'kling',
      supported_endpoint_types: ['video'],
      shutdown_date: '2026-09-15',
      successor: 'kling/kling-v2-5-turbo',
      parameters: expect.objectContaining({ duration: { enum: [5, 10] } }),
      // It is retired: the prices are those of its successor.
      pricing: {
        currency: 'USD',
        source: expect.stringMatching(/^https:/),
        as_of: '2026-08-13',
        rates: expect.arrayContaining([
          { per: 'second', usd: '0.042', when: { mode: 'std', sound: 'off', video_input: 'no' } },
        ]),
      },
      livemode: true,
    });
    expect(list.data).toContainEqual(
      expect.objectContaining({ id: 'grok/grok-imagine-image-2.0', pricing: null }),
    );
    expect(list.data).toContainEqual(
      expect.objectContaining({ id: 'kling/kling-v3', shutdown_date: null, successor: null }),
    );
    expect(list.data.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'openai/gpt-image-1',
        'google/imagen-4.0-generate-001',
        'grok/grok-imagine-image',
      ]),
    );
  });

  it.each(['/v1/models/kling/kling-v3', '/v1/models/kling%2Fkling-v3'])(
    'are shown one by one: %s',
    async (path) => {
      const response = await api.get(path);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        id: 'kling/kling-v3',
        object: 'model',
        owned_by: 'kling',
      });
    },
  );

  it.each(['kling/kling-v9', 'kling', 'kling/kling-v3/x', '__proto__', '%00', '%E0%A4%A'])(
    'are 404 when nobody knows them: %s',
    async (id) => {
      const response = await api.get(`/v1/models/${id}`);
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({ code: 'model_not_found', param: 'model' });
    },
  );
});
