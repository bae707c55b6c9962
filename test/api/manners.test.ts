import { beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, errorOf, ownKey, ownUrl, type TestApi } from '../support/api.ts';
import { describedRoutes } from '../support/openapi.ts';

const videos = '/v1/video/generations';
const good = { model: 'kling/kling-v3', prompt: 'rain on a tin roof' };

let api: TestApi;
let taskId: string;
beforeEach(async () => {
  api = createTestApi();
  taskId = ((await (await api.submit(good)).json()) as { id: string }).id;
});

describe('a slash too many', () => {
  it.each([`${videos}/`, `/${videos}`, '/v1//video/generations', `${videos}///`])(
    'leads to the route: GET %s',
    async (path) => {
      const response = await api.request(`${ownUrl}${path}`, {
        headers: { authorization: `Bearer ${ownKey}` },
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ object: 'list' });
    },
  );

  it('leads to the route that creates, and counts as such', async () => {
    expect((await api.post(`${videos}/`, good)).status).toBe(200);
    expect(api.limits.taken).toMatchObject({ create: 2, read: 0 });
  });

  it('still needs the key', async () => {
    expect((await api.request(`${ownUrl}//v1/models/`)).status).toBe(401);
  });

  it('leads to a task and to a model', async () => {
    expect((await api.get(`${videos}/${taskId}/`)).status).toBe(200);
    expect((await api.get('/v1/models/kling/kling-v3/')).status).toBe(200);
    expect((await api.get('//v1/models//kling/kling-v3')).status).toBe(200);
  });
});

describe('OPTIONS', () => {
  it('names the methods of every address, without a key', async () => {
    for (const { method, path } of describedRoutes) {
      const url = `${ownUrl}${path.replace(/\{\w+\}/g, 'x')}`;
      const response = await api.request(url, {
        method: 'OPTIONS',
        headers: { origin: 'https://a.example' },
      });
      expect({ path, status: response.status }).toEqual({ path, status: 204 });
      expect(response.headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining([method, 'OPTIONS']));
      expect([...response.headers.keys()].join()).not.toContain('access-control');
    }
  });

  it('is a 404 where nothing is', async () => {
    expect((await api.request(`${ownUrl}/v1/nowhere`, { method: 'OPTIONS' })).status).toBe(404);
  });
});

describe('HEAD', () => {
  it.each(['/healthz', '/v1/healthz', '/openapi.json', '/v1/models', videos])(
    'answers as GET does, without a body: %s',
    async (path) => {
      const headers = { authorization: `Bearer ${ownKey}` };
      const response = await api.request(`${ownUrl}${path}`, { method: 'HEAD', headers });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    },
  );

  it('is a 405 where there is no GET', async () => {
    const headers = { authorization: `Bearer ${ownKey}` };
    const response = await api.request(`${ownUrl}/v1/callbacks/test`, { method: 'HEAD', headers });
    expect(response.status).toBe(405);
  });
});

describe('the query of a list', () => {
  const lists = () => [videos, `${videos}/${taskId}/deliveries`];

  it('may not hold what the list does not know', async () => {
    for (const path of lists()) {
      const response = await api.get(`${path}?page=2&limit=5`);
      expect(response.status).toBe(400);
      const error = await errorOf(response);
      expect(error).toMatchObject({ code: 'invalid_request', param: 'page' });
      expect(error.message).toMatch(/page is no parameter here; there are limit, after/);
    }
  });

  it('may hold each parameter once', async () => {
    for (const path of lists()) {
      const response = await api.get(`${path}?limit=5&limit=6`);
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ param: 'limit' });
    }
  });

  it('may leave a parameter empty', async () => {
    for (const path of lists()) expect((await api.get(`${path}?limit=&after=`)).status).toBe(200);
  });

  it('says everything that is wrong at once', async () => {
    const { message } = await errorOf(await api.get(`${videos}?limit=0&status=DONE`));
    expect(message).toMatch(/limit must be .* status must be one of/);
  });
});

describe('the query of a route that does something', () => {
  it.each([
    ['POST', `${videos}/{id}/cancel`, 'force'],
    ['POST', `${videos}/{id}/deliveries`, 'event_id'],
    ['POST', '/v1/callbacks/test', 'url'],
    ['POST', '/v1/callbacks/recover', 'since'],
    ['POST', '/v1/callbacks/secret/rotate', 'estimate'],
    ['DELETE', '/v1/videos/{id}', 'estimate'],
  ])(
    'may hold nothing, so that nothing else is done than was meant: %s %s?%s',
    async (method, path, name) => {
      const secret = await (await api.get('/v1/callbacks/secret')).json();
      const response = await api.request(`${ownUrl}${path.replace('{id}', taskId)}?${name}=x`, {
        method,
        headers: { authorization: `Bearer ${ownKey}`, 'content-type': 'application/json' },
        ...(path.endsWith('recover') && { body: '{"since": 1795000000}' }),
      });
      expect(response.status).toBe(400);
      const error = await errorOf(response);
      expect(error).toMatchObject({ code: 'invalid_request', param: name });
      expect(error.message).toMatch(/must stand in the body|is no parameter here/);
      expect(await api.tasks.find(taskId)).toMatchObject({ state: 'queued' });
      expect(await (await api.get('/v1/callbacks/secret')).json()).toEqual(secret);
      expect(api.sent).toEqual([{ queue: 'submit', message: { taskId } }]);
    },
  );
});

it('a recovery that has to wait for another is told when to come back, as the document says', async () => {
  const nowMs = api.clock.nowMs;
  const running = { sinceMs: nowMs - 60_000, untilMs: nowMs };
  const busy = createTestApi({ dependencies: { startRecovery: async () => running } });
  const response = await busy.post('/v1/callbacks/recover', { since: nowMs / 1_000 - 3_600 });
  expect([response.status, response.headers.get('retry-after')]).toEqual([409, '30']);
  expect(await errorOf(response)).toMatchObject({ code: 'recovery_in_progress' });
});

describe('a host that cannot exist', () => {
  it.each(['callback_url', 'image'])(
    'is refused in %s, as an address that is a template still',
    async (field) => {
      for (const host of ['{host}', '$HOST.example.com', '*.example.com', 'a,b.example.com']) {
        const response = await api.submit({ ...good, [field]: `https://${host}/x.png` });
        expect({ host, status: response.status }).toEqual({ host, status: 400 });
        const error = await errorOf(response);
        expect(error).toMatchObject({ code: 'invalid_request', param: field });
        expect(error.message).toMatch(/host that can exist|no host can have this name/);
      }
    },
  );
});

describe('a callback to the gateway itself', () => {
  const onePort = { publicUrl: 'http://127.0.0.1:8787' };
  const local = () => createTestApi({ settings: { ...onePort, allowPrivateUrls: true } });
  const submitted = (callback_url: string) => local().submit({ ...good, callback_url });

  it.each([
    'http://127.0.0.1:8787/x',
    'http://localhost:8787/x',
    'http://LOCALHOST.:8787/x',
    'http://x.localhost:8787/x',
    'http://0.0.0.0:8787/x',
    'http://0x7f.1:8787/x',
    'http://[::1]:8787/',
    'http://[::]:8787/',
    'http://[::ffff:127.0.0.1]:8787/',
    `${ownUrl}/x`,
  ])('is refused: %s', async (url) => {
    const response = await submitted(url);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain('this gateway itself');
  });

  it.each(['http://127.0.0.1:9000/x', 'http://localhost:9000/x', 'http://127.0.0.1/x', `${ownUrl}:8443/x`])(
    'is not one to another port of the same host: %s',
    async (url) => {
      expect((await submitted(url)).status).toBe(200);
    },
  );

  it('is refused in a test as well', async () => {
    const response = await local().post('/v1/callbacks/test', { url: 'http://127.0.0.1:8787/' });
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'url' });
  });
});
