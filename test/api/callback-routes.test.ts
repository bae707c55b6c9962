import { beforeEach, describe, expect, it } from 'vitest';
import { startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, type TestApi } from '../support/api.ts';

const videos = '/v1/video/generations';

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
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
