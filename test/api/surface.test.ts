import { beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, errorOf, ownKey, type TestApi } from '../support/api.ts';

const videos = '/v1/video/generations';

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

describe('the key', () => {
  const routes = [
    ['POST', videos],
    ['GET', videos],
    ['GET', `${videos}/task_1`],
    ['POST', `${videos}/task_1/cancel`],
    ['GET', `${videos}/task_1/content`],
    ['GET', `${videos}/task_1/deliveries`],
    ['POST', `${videos}/task_1/deliveries`],
    ['POST', '/v1/images/generations'],
    ['GET', '/v1/models'],
    ['GET', '/v1/models/kling/kling-v3'],
    ['GET', '/v1/events'],
    ['POST', '/v1/callbacks/test'],
    ['POST', '/v1/callbacks/recover'],
    ['GET', '/v1/callbacks/secret'],
    ['POST', '/v1/callbacks/secret/rotate'],
    ['GET', '/v1/unknown'],
  ] as const;

  it.each(routes)('is needed by %s %s', async (method, path) => {
    for (const authorization of [
      undefined,
      '',
      'Bearer ',
      `Basic ${ownKey}`,
      ownKey,
      'Bearer sk-clearmaas-x',
    ]) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await api.request(path, { method, headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await errorOf(response)).toMatchObject({ type: 'clearmaas_api_error', code: 'invalid_api_key' });
    }
  });

  it('is not needed to ask whether the gateway is there', async () => {
    const response = await api.request('/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('stands in no log line', async () => {
    await api.submit({ model: 'kling/kling-v3', prompt: 'a secret garden' });
    await api.get(`${videos}?limit=5`);
    const text = JSON.stringify(api.logged);
    expect(text).not.toContain(ownKey);
    expect(text).not.toContain('secret garden');
  });
});

describe('an address that is not there', () => {
  const withMethod = (method: string, path: string) =>
    api.request(path, { method, headers: { authorization: `Bearer ${ownKey}` } });

  it.each([
    ['GET', '/v1/video'],
    ['GET', '/V1/models'],
    ['GET', '/.env'],
    ['GET', `/v1/${'a'.repeat(5_000)}`],
    ['GET', '/v1/%E0%A4%A'],
  ])('is answered 404 in the envelope: %s %.40s', async (method, path) => {
    const response = await api.request(path, { method, headers: { authorization: `Bearer ${ownKey}` } });
    expect(response.status).toBe(404);
    const error = await errorOf(response);
    expect(error).toStrictEqual({
      message: expect.stringContaining('GET /openapi.json'),
      type: 'clearmaas_api_error',
      code: 'not_found',
      param: null,
    });
    expect(error.message.length).toBeLessThan(400);
  });

  it.each([
    ['PUT', videos, 'POST, GET'],
    ['DELETE', `${videos}/task_1`, 'GET'],
    ['GET', `${videos}/task_1/cancel`, 'POST'],
    ['PATCH', `${videos}/task_1/deliveries`, 'GET, POST'],
    ['POST', '/v1/models/kling/kling-v3', 'GET'],
    ['GET', '/v1/images/generations', 'POST'],
    ['DELETE', '/healthz', 'GET'],
  ])('is answered 405 with the methods that are: %s %s', async (method, path, allow) => {
    const response = await api.request(path, { method, headers: { authorization: `Bearer ${ownKey}` } });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await errorOf(response)).toMatchObject({ code: 'method_not_allowed', param: null });
  });

  it.each([
    [`${videos}/task_1`, ['DELETE /v1/videos/{task_id}', 'POST /v1/video/generations/{task_id}/cancel']],
    ['/v1/images/generations/task_1', ['cannot be deleted', 'POST /v1/video/generations/{task_id}/cancel']],
  ])('says where that is done which DELETE %s asks for', async (path, ways) => {
    const { message } = await errorOf(await withMethod('DELETE', path));
    for (const way of ways) expect(message).toContain(way);
  });

  it.each([
    ['GET', '/v1/images/generations', 'GET /v1/events'],
    ['POST', `${videos}/estimate`, '?estimate=true'],
    ['POST', '/v1/videos/estimate', '?estimate=true'],
    ['POST', '/v1/callbacks/secret', 'POST /v1/callbacks/secret/rotate'],
    ['DELETE', '/v1/callbacks/secret', 'POST /v1/callbacks/secret/rotate'],
  ])('says where that is done which %s %s asks for', async (method, path, way) => {
    expect((await errorOf(await withMethod(method, path))).message).toContain(way);
  });
});

describe('x-request-id', () => {
  it.each(['/healthz', '/nowhere', '/v1/models', `${videos}/task_1`])(
    'is on every answer: %s',
    async (path) => {
      const response = await api.get(path);
      expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{16,64}$/);
    },
  );

  it('is the caller’s own where that is harmless', async () => {
    const response = await api.get('/healthz', { 'x-request-id': 'order-7_a' });
    expect(response.headers.get('x-request-id')).toBe('order-7_a');
  });

  it.each(['a b', '"x"', 'x'.repeat(65), '<script>'])('is made anew for %.20s', async (id) => {
    const response = await api.get('/healthz', { 'x-request-id': id });
    expect(response.headers.get('x-request-id')).not.toBe(id);
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{16,64}$/);
  });
});

describe('a failure of ours', () => {
  it('is a neutral 500 with the request id, and its cause stands only in the log', async () => {
    api = createTestApi({
      dependencies: {
        attempts: {
          list: () => Promise.reject(new Error('table Gateway-Table-X4 is throttled')),
          deleteAll: async () => {},
        },
      },
    });
    const answer = await api.submit({ model: 'kling/kling-v3', prompt: 'rain' });
    const { id } = (await answer.json()) as { id: string };
    const response = await api.get(`${videos}/${id}/deliveries`);
    expect(response.status).toBe(500);
    const error = await errorOf(response);
    expect(error).toMatchObject({ type: 'clearmaas_api_error', code: 'internal_error', param: null });
    expect(error.message).toContain(response.headers.get('x-request-id'));
    expect(error.message).not.toContain('Gateway-Table');
    expect(api.logged).toContainEqual(expect.objectContaining({ level: 'error' }));
  });

  it('is a 503 that says when to come back while the storage does not answer', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { $metadata: { attempts: 4 } });
    api = createTestApi({
      dependencies: { attempts: { list: () => Promise.reject(refused), deleteAll: async () => {} } },
    });
    const { id } = (await (await api.submit({ model: 'kling/kling-v3', prompt: 'rain' })).json()) as {
      id: string;
    };
    const response = await api.get(`${videos}/${id}/deliveries`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await errorOf(response)).toMatchObject({ code: 'service_unavailable' });
  });
});

describe('limits', () => {
  const request = { model: 'kling/kling-v3', prompt: 'rain' };

  it('count what creates, not what is refused or repeated', async () => {
    await api.submit(request, { 'idempotency-key': 'a' });
    await api.submit(request, { 'idempotency-key': 'a' });
    await api.submit({ ...request, prompt: '' });
    expect(api.limits.taken).toMatchObject({ create: 1, read: 0 });
  });

  it('count everything else apart', async () => {
    await api.get('/v1/models');
    await api.post('/v1/callbacks/test', { url: 'https://hooks.example.com' });
    await api.post(`${videos}/task_1/cancel`);
    expect(api.limits.taken).toMatchObject({ create: 0, read: 2, test: 1 });
  });

  it('answer 429 with the wait that is enough, and nothing is stored', async () => {
    api.limits.exhausted.add('create');
    const response = await api.submit(request);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('17');
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', param: null });
    expect(error.message).toContain('600');
    expect(api.created).toEqual([]);
  });

  it('let a repeat through that is owed the first answer', async () => {
    const first = await api.submit(request, { 'idempotency-key': 'a' });
    api.limits.exhausted.add('create');
    const again = await api.submit(request, { 'idempotency-key': 'a' });
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(await first.json());
  });

  it('stop reads too', async () => {
    api.limits.exhausted.add('read');
    expect((await api.get(videos)).status).toBe(429);
  });
});
