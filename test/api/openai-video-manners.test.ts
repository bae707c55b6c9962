import { beforeEach, describe, expect, it } from 'vitest';
import { anEndedTask } from '../support/a-task.ts';
import { createTestApi, errorOf, ownKey, ownUrl, type TestApi, testKey } from '../support/api.ts';

const model = 'kling/kling-v2-6';
const videoId = anEndedTask().id;
const own = { workspaceId: 'ws_own' };

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

describe('a request in JSON with a value of another type', () => {
  it.each([
    ['model', 5],
    ['model', ['kling-v2-6']],
    ['prompt', 5],
    ['prompt', { text: 'rain' }],
    ['seconds', 5.5],
    ['seconds', true],
    ['seconds', [5]],
    ['size', 720],
    ['size', { width: 1280 }],
    ['input_reference', 5],
    ['input_reference', {}],
    ['input_reference.image_url', { url: 'https://a.example/a.png' }],
    ['metadata', 'pro'],
    ['metadata', '{"mode":"pro"}'],
    ['images', 'https://a.example/a.png'],
    ['callback_url', 5],
    ['callback_events', 'video.failed'],
    ['expires_after', 'soon'],
    ['n', 2],
    ['characters', []],
  ])('is refused: %s %j', async (param, value) => {
    const [name = '', inner] = param.split('.');
    const given = inner === undefined ? value : { [inner]: value };
    const response = await api.post('/v1/videos', { model, prompt: 'rain', [name]: given });
    const error = await errorOf(response);
    expect([response.status, error.code, error.param]).toEqual([400, 'invalid_request', param]);
    expect([api.created, api.sent]).toEqual([[], []]);
  });
});

describe('the addresses of OpenAI’s dialect', () => {
  const authorization = `Bearer ${ownKey}`;

  it.each([
    ['PUT', '/v1/videos', 'POST, GET'],
    ['DELETE', '/v1/videos', 'POST, GET'],
    ['POST', `/v1/videos/${videoId}`, 'GET, DELETE'],
    ['PATCH', `/v1/videos/${videoId}`, 'GET, DELETE'],
    ['POST', `/v1/videos/${videoId}/content`, 'GET'],
    ['DELETE', `/v1/videos/${videoId}/content`, 'GET'],
  ])('do not take %s %s, and name what they take', async (method, path, allow) => {
    await api.tasks.create(anEndedTask(own));
    const response = await api.request(ownUrl + path, { method, headers: { authorization } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(await errorOf(response)).toMatchObject({ code: 'method_not_allowed' });
    expect(await api.tasks.find(videoId)).toBeDefined();
  });

  it('lead to the same with a slash too many', async () => {
    await api.tasks.create(anEndedTask(own));
    for (const path of ['/v1/videos/', '/v1//videos', `/v1/videos/${videoId}/`])
      expect((await api.get(path)).status, path).toBe(200);
    expect((await api.post('/v1/videos/', { model, prompt: 'rain' })).status).toBe(200);
  });

  it('mean the same task as the other dialect’s under one Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'k1' };
    const ids = await Promise.all(
      ['/v1/videos', '/v1/video/generations'].map(async (path) => {
        const response = await api.post(path, { model, prompt: 'rain' }, key);
        return ((await response.json()) as { id: string }).id;
      }),
    );
    expect(new Set(ids).size).toBe(1);
    expect(api.sent).toHaveLength(1);
  });

  it('tell a test key that the sandbox made its video', async () => {
    const headers = { authorization: `Bearer ${testKey}` };
    const response = await api.post('/v1/videos', { model, prompt: 'rain' }, headers);
    const body = (await response.json()) as { id: string };
    expect(body).toMatchObject({ livemode: false });
    expect((await api.get(`/v1/videos/${body.id}`)).status, 'with a live key').toBe(404);
  });
});
