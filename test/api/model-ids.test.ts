import { beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, errorOf, type TestApi } from '../support/api.ts';
import { requestOf } from '../support/stored.ts';

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

describe('a model without its namespace', () => {
  it('makes the video of the one that it can mean', async () => {
    const response = await api.submit({ model: 'kling-v2-6', prompt: 'rain' });
    const answer = (await response.json()) as { id: string };
    expect(answer).toMatchObject({ model: 'kling/kling-v2-6' });
    expect(requestOf(await api.tasks.find(answer.id))?.upstreamModel).toBe('kling-v2-6');
  });

  it('is shown by GET /v1/models', async () => {
    expect(await (await api.get('/v1/models/kling-v2-6')).json()).toMatchObject({ id: 'kling/kling-v2-6' });
  });

  it('is told of the route for its kind', async () => {
    const error = await errorOf(await api.submit({ model: 'gpt-image-2', prompt: 'rain' }));
    expect(error).toMatchObject({ code: 'api_not_implemented' });
    expect(error.message).toContain('/v1/images/generations');
  });
});

describe('a model that there is not', () => {
  it.each([
    ['openai/kling-v3', 'kling/kling-v3'],
    ['Kling/Kling-V3', 'kling/kling-v3'],
    ['kling-v2.6', 'kling/kling-v2-6'],
    ['kling/kling-v26', 'kling/kling-v2-6'],
    ['kling/kling-3-omni', 'kling/kling-v3-omni'],
  ])('is answered 404 with the nearest: %s', async (model, nearest) => {
    const response = await api.submit({ model, prompt: 'rain' });
    expect(response.status).toBe(404);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(error.message).toContain(`Did you mean "${nearest}"?`);
  });

  it.each([
    ['/v1/videos', 'kling-v2.6', 'kling/kling-v2-6'],
    ['/v1/images/generations', 'gpt-image-22', 'openai/gpt-image-2'],
  ])('is answered so in every dialect: %s', async (path, model, nearest) => {
    const error = await errorOf(await api.post(path, { model, prompt: 'rain' }));
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(error.message).toContain(`Did you mean "${nearest}"?`);
  });

  it.each([
    ['/v1/videos', 'sora-2', /There are "kling\/[^"]+" or "kling\/[^"]+", for example\./],
    ['/v1/images/generations', 'dall-e-3', /There are "[^"]+" or "[^"]+", for example\./],
  ])('is answered with some that there are where none is near: %s', async (path, model, words) => {
    const error = await errorOf(await api.post(path, { model, prompt: 'rain' }));
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('Did you mean');
    const [, ...shown] = /"[^"]+"\. There are "([^"]+)" or "([^"]+)"/.exec(error.message) ?? [];
    expect(shown).toHaveLength(2);
    for (const id of shown)
      expect(await (await api.get(`/v1/models/${id}`)).json()).toMatchObject({ shutdown_date: null });
  });
});

describe('an address that there is not', () => {
  it.each([
    ['/v1/image/generations', '/v1/images/generations'],
    ['/video/generations', '/v1/video/generations'],
    ['/videos', '/v1/videos'],
    ['/models', '/v1/models'],
    ['/v1/videos/generations', '/v1/video/generations'],
    [`/v1/video/generation/task_${'a'.repeat(32)}`, '/v1/video/generations/{task_id}'],
    ['/v1/callback/test', '/v1/callbacks/test'],
    ['/v1/images', '/v1/images/generations'],
    ['/V1/models', '/v1/models'],
    ['/v1/events/stream', '/v1/events'],
    [`/v1/video/generations/task_${'a'.repeat(32)}/status`, '/v1/video/generations/{task_id}'],
    [`/v1/video/generations/task_${'a'.repeat(32)}/deliverys`, '/v1/video/generations/{task_id}/deliveries'],
    [`/v1/videos/task_${'a'.repeat(32)}/contents`, '/v1/videos/{video_id}/content'],
  ])('is answered 404 with the nearest: %s', async (path, nearest) => {
    const { message } = await errorOf(await api.get(path));
    expect(message).toContain(`Did you mean ${nearest}?`);
  });

  it.each(['/v1/files', '/v1', '/v1/chat/completions'])(
    'is answered without one where none is near: %s',
    async (path) => {
      expect((await errorOf(await api.get(path))).message).not.toContain('Did you mean');
    },
  );
});
