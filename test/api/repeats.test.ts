import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFirstAttempts } from '../../lib/api/first-attempts.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { minuteMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, foreignKey, ownKey, type TestApi } from '../support/api.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { startLossyServer } from '../support/lossy-server.ts';
import { aPng } from '../support/pictures.ts';

let cloud: TestCloud;
let api: TestApi;
/** A prompt of its own for each test, since all share one table. */
let body: { model: string; prompt: string; metadata: object };
let tests = 0;

beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

beforeEach(() => {
  tests += 1;
  body = { model: 'kling/kling-v3', prompt: `rain, take ${tests}`, metadata: { duration: 5, mode: 'pro' } };
  const { table } = cloud;
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const tasks = createDynamoTaskStore(table, now);
  const firstAttempts = createFirstAttempts(table, now);
  api = { ...createTestApi({ dependencies: { tasks, firstAttempts, now } }), tasks, clock };
});

const idOf = async (response: Response): Promise<string> => {
  const answer = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer.id;
};
const attempt = (count: number | string, headers: Record<string, string> = {}) =>
  api.submit(body, { 'x-stainless-retry-count': String(count), ...headers });

describe('an Idempotency-Key', () => {
  const keyed = (key: string, request: object = body, headers: Record<string, string> = {}) =>
    api.submit(request, { 'idempotency-key': key, ...headers });

  it('makes one task of twenty requests at once, and all get its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => keyed('twenty')));
    const ids = await Promise.all(answers.map(idOf));
    expect(new Set(ids).size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replayed).toHaveLength(19);
    expect(api.sent).toHaveLength(1);
  });

  it('gets the first answer again, whatever has become of the task', async () => {
    const first = await (await keyed('again')).json();
    api.clock.nowMs += 60 * minuteMs;
    const { id } = first as { id: string };
    await api.tasks.change(id, (task) => ({ ...task, status: 'SUCCESS', resultUrl: 'https://cdn.example' }));
    const again = await keyed('again');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.json()).toEqual(first);
  });

  it('holds when it has letters beyond ASCII, too', async () => {
    const first = await idOf(await keyed('schl\u00fcssel'));
    expect(await idOf(await keyed('schl\u00fcssel'))).toBe(first);
    expect(await idOf(await keyed('schl\u00f6ssel'))).not.toBe(first);
  });

  it('means the same body in whatever order it is written', async () => {
    const { model, prompt } = body;
    const first = await idOf(await keyed('order'));
    const reordered = { metadata: { mode: 'pro', duration: 5 }, prompt, model };
    expect(await idOf(await keyed('order', reordered))).toBe(first);
  });

  it.each([
    ['another prompt', { prompt: 'sun' }],
    ['a number as text', { metadata: { duration: '5', mode: 'pro' } }],
    ['a field more', { user: 'me' }],
  ])('is answered 409 when it comes with %s', async (what, change) => {
    await keyed(what);
    const response = await keyed(what, { ...body, ...change });
    expect(response.status).toBe(409);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await errorOf(response)).toMatchObject({
      code: 'idempotency_key_reused',
      param: 'Idempotency-Key',
    });
  });

  it('belongs to its workspace', async () => {
    const foreign = await keyed('shared', body, { authorization: `Bearer ${foreignKey}` });
    expect(await idOf(await keyed('shared'))).not.toBe(await idOf(foreign));
  });

  it('goes before what an SDK counts', async () => {
    const headers = { 'idempotency-key': 'mine' };
    expect(await idOf(await attempt(0, headers))).toBe(await idOf(await attempt(0, headers)));
  });

  it('stores the pictures of a repeat no second time', async () => {
    const image = aPng().toString('base64');
    await keyed('picture', { ...body, image });
    await keyed('picture', { ...body, image });
    expect(api.pictures.size).toBe(1);
  });
});

describe('a request that an SDK counts', () => {
  it('is two tasks when it is sent twice as a first attempt', async () => {
    expect(await idOf(await attempt(0))).not.toBe(await idOf(await attempt(0)));
  });

  it('is two tasks when it is sent twice without a count', async () => {
    expect(await idOf(await api.submit(body))).not.toBe(await idOf(await api.submit(body)));
  });

  it('gets the first answer when it is repeated, however often', async () => {
    const first = await (await attempt(0)).json();
    for (const count of [1, 2, 2]) {
      const repeat = await attempt(count);
      expect(repeat.headers.get('idempotent-replayed')).toBe('true');
      expect(await repeat.json()).toEqual(first);
    }
    expect(api.sent).toHaveLength(1);
  });

  it('means the newest of several first attempts when it is repeated', async () => {
    await attempt(0);
    const second = await idOf(await attempt(0));
    expect(await idOf(await attempt(1))).toBe(second);
  });

  it('makes the task itself when its first attempt never arrived', async () => {
    const repeat = await attempt(1);
    expect(repeat.headers.get('idempotent-replayed')).toBeNull();
    expect(await idOf(await attempt(2))).toBe(await idOf(repeat));
  });

  it('makes one task of repeats that arrive together', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, async () => idOf(await attempt(1))));
    expect(new Set(ids).size).toBe(1);
  });

  it('makes the task itself when its first attempt got no further than its announcement', async () => {
    const failing = createTestApi({
      dependencies: {
        tasks: { ...api.tasks, create: () => Promise.reject(new Error('the table is away')) },
        firstAttempts: createFirstAttempts(cloud.table, () => startMs),
      },
    });
    expect((await failing.submit(body, { 'x-stainless-retry-count': '0' })).status).toBe(500);
    const repeat = await idOf(await attempt(1));
    expect(await idOf(await attempt(2))).toBe(repeat);
  });

  it('gets the first answer although the workspace has used its requests up', async () => {
    const first = await idOf(await attempt(0));
    api.limits.exhausted.add('create');
    expect(await idOf(await attempt(1))).toBe(first);
  });

  it('gets the first answer after waiting ten minutes for one, twice', async () => {
    const first = await idOf(await attempt(0));
    for (const count of [1, 2]) {
      api.clock.nowMs += 10 * minuteMs + 8_000;
      expect(await idOf(await attempt(count))).toBe(first);
    }
  });

  it('is a new task after 25 minutes', async () => {
    const first = await idOf(await attempt(0));
    api.clock.nowMs += 25 * minuteMs - 1;
    expect(await idOf(await attempt(1))).toBe(first);
    api.clock.nowMs += 1;
    expect(await idOf(await attempt(1))).not.toBe(first);
  });

  it.each([
    ['another key', () => attempt(1, { authorization: `Bearer ${foreignKey}` })],
    ['another body', () => api.submit({ ...body, user: 'me' }, { 'x-stainless-retry-count': '1' })],
    ['a count that is none', () => attempt('1; drop')],
  ])('is no repeat with %s', async (_what, send) => {
    const first = await idOf(await attempt(0));
    expect(await idOf(await send())).not.toBe(first);
  });
});

describe('the openai package', () => {
  const post = (client: OpenAI) => client.post<{ id: string }>('/video/generations', { body });

  it('gets one task although the first two answers are lost', async () => {
    const server = await startLossyServer(api.app, 2);
    try {
      const client = new OpenAI({ apiKey: ownKey, baseURL: `${server.url}/v1`, maxRetries: 2 });
      const { id } = await post(client);
      expect(server.handled).toEqual([
        { retryCount: '0', lost: true },
        { retryCount: '1', lost: true },
        { retryCount: '2', lost: false },
      ]);
      expect(api.sent).toEqual([{ queue: 'submit', message: { taskId: id } }]);
      expect((await post(client)).id).not.toBe(id);
    } finally {
      await server.stop();
    }
  });
});
