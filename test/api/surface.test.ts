import { beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import type { ImageProviders } from '../../lib/providers/image-provider.ts';
import { registry } from '../../lib/providers/registry.ts';
import { startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, ownKey, type TestApi } from '../support/api.ts';
import { openNothing } from '../support/provider-answers.ts';

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

describe('the callback routes', () => {
  it('show the secret and rotate it, to be kept by nobody in between', async () => {
    const shown = await api.get('/v1/callbacks/secret');
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(await shown.json()).toStrictEqual({
      secret: expect.stringMatching(/^whsec_/),
      previous_expires_at: null,
    });
    const rotated = await api.post('/v1/callbacks/secret/rotate');
    expect(await rotated.json()).toStrictEqual({
      secret: 'whsec_rotated',
      previous_expires_at: startMs / 1000 + 86_400,
    });
  });

  it('test a URL and say how it went', async () => {
    const response = await api.post('/v1/callbacks/test', { url: 'https://hooks.example.com' });
    expect(await response.json()).toStrictEqual({
      delivered: true,
      status_code: 204,
      cause: null,
      durations_ms: { dns: null, connect: null, tls: null, first_byte: null, total: 12 },
    });
  });

  it('do not test a private address', async () => {
    const response = await api.post('/v1/callbacks/test', { url: 'https://169.254.169.254/' });
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'url' });
  });

  it.each([
    ['/v1/callbacks/test', { url: 'https://hooks.example.com', event: 'video.failed' }, 'event'],
    ['/v1/callbacks/test', { callback_url: 'https://hooks.example.com' }, 'callback_url'],
    ['/v1/callbacks/recover', { since: startMs / 1000, untill: startMs / 1000 }, 'untill'],
  ])('do nothing by %s with a field that is mistyped', async (path, body, param) => {
    const response = await api.post(path, body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param });
    expect(api.sent).toEqual([]);
  });

  it('say what is wrong with a URL that is no text', async () => {
    const { message } = await errorOf(await api.post('/v1/callbacks/test', { url: 5 }));
    expect(message).toBe('url must be text: the URL to send to.');
  });

  it('recover what was lost in a time', async () => {
    const since = startMs / 1000 - 3_600;
    const response = await api.post('/v1/callbacks/recover', { since });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ since, until: startMs / 1000 });
    expect(api.sent).toMatchObject([{ message: { recovery: { workspaceId: 'ws_own' } } }]);
  });

  it('say how a test went wrong', async () => {
    const outcome = {
      delivered: false,
      final: false,
      statusCode: 500,
      errorClass: 'http_5xx',
      cause: 'your server answered 500',
    } as const;
    const durationsMs = { dns: 1.5, connect: 2, tls: 3, firstByte: 4, total: 10.5 };
    api = createTestApi({ dependencies: { sendTest: async () => ({ sent: true, outcome, durationsMs }) } });
    const response = await api.post('/v1/callbacks/test', { url: 'https://hooks.example.com' });
    expect(await response.json()).toStrictEqual({
      delivered: false,
      status_code: 500,
      cause: 'your server answered 500',
      durations_ms: { dns: 1.5, connect: 2, tls: 3, first_byte: 4, total: 10.5 },
    });
  });

  it('list what was tried, first the newest', async () => {
    const attempt = {
      id: 'att_1',
      eventId: 'evt_1',
      type: 'video.failed',
      trigger: 'auto',
      origin: 'https://hooks.example.com',
      startedAtMs: startMs,
      durationsMs: { total: 8 },
      delivered: true,
    } as const;
    api = createTestApi({
      dependencies: {
        attempts: {
          deleteAll: async () => {},
          list: async (taskId) => ({ attempts: [{ ...attempt, taskId, statusCode: 200 }], hasMore: false }),
        },
      },
    });
    const { id } = (await (await api.submit({ model: 'kling/kling-v3', prompt: 'rain' })).json()) as {
      id: string;
    };
    const log = await (await api.get(`${videos}/${id}/deliveries`)).json();
    expect(log).toMatchObject({
      data: [{ id: 'att_1', outcome: 'delivered', attempt: null }],
      last_id: 'att_1',
    });
  });

  it('have nothing to send again before anything was sent', async () => {
    const answer = await api.submit({ model: 'kling/kling-v3', prompt: 'rain' });
    const { id } = (await answer.json()) as { id: string };
    const response = await api.post(`${videos}/${id}/deliveries`);
    expect(response.status).toBe(409);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await errorOf(response)).toMatchObject({ code: 'event_not_available', param: 'task_id' });
    const log = await api.get(`${videos}/${id}/deliveries`);
    expect(await log.json()).toStrictEqual({ object: 'list', data: [], has_more: false, last_id: null });
  });
});
