import { Hono } from 'hono';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiEnvironment } from '../../lib/api/context.ts';
import { answerError } from '../../lib/api/error-envelope.ts';
import { createFirstAttempts } from '../../lib/api/first-attempts.ts';
import { createGetCallbackSecret } from '../../lib/api/routes/get-callback-secret.ts';
import { createListDeliveries } from '../../lib/api/routes/list-deliveries.ts';
import { createRecoverCallbacks } from '../../lib/api/routes/recover-callbacks.ts';
import { createRedeliver } from '../../lib/api/routes/redeliver.ts';
import { createRotateCallbackSecret } from '../../lib/api/routes/rotate-callback-secret.ts';
import { createTestCallback } from '../../lib/api/routes/test-callback.ts';
import { createStartRecovery, type RecoveryInput } from '../../lib/callbacks/recovery.ts';
import { createRunningRecovery } from '../../lib/callbacks/running-recovery.ts';
import { createSendTest } from '../../lib/callbacks/send-test.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { dayMs } from '../../lib/time.ts';
import { anEndedTask } from '../support/a-task.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';
import { functionUrlOf } from '../support/function-url.ts';
import { answerWith, type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';
import { silentLog } from '../support/silent-log.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

let deliveries: Deliveries;
let receiver: Receiver;
let app: Hono<ApiEnvironment>;
const recoveries: RecoveryInput[] = [];
let endRecovery: () => Promise<void>;
/** As the first page is worked on. */
let beginPages: () => Promise<boolean>;
let trouble: ReturnType<typeof createUnreliableTable>['trouble'];

beforeAll(async () => {
  deliveries = await startDeliveries();
  receiver = await startScriptedReceiver();
  const { now, dependencies, workspaces } = deliveries;
  app = new Hono<ApiEnvironment>();
  app.onError(answerError);
  app.use(async (c, next) => {
    c.set('log', silentLog);
    c.set('workspace', deliveries.workspace);
    await next();
  });
  const path = '/v1/video/generations/:task_id/deliveries';
  app.get(path, createListDeliveries(dependencies));
  app.post(path, createRedeliver(dependencies));
  app.post(
    '/v1/callbacks/test',
    createTestCallback({
      sendTest: createSendTest(dependencies),
      settings: { allowPrivateUrls: true, publicUrl: undefined },
    }),
  );
  const firstAttempts = createFirstAttempts(deliveries.cloud.table, now);
  app.get('/v1/callbacks/secret', createGetCallbackSecret({ workspaces, now }));
  app.post('/v1/callbacks/secret/rotate', createRotateCallbackSecret({ workspaces, firstAttempts, now }));
  const unreliable = createUnreliableTable(deliveries.cloud.table);
  trouble = unreliable.trouble;
  const running = createRunningRecovery(unreliable.table, now);
  const startRecovery = createStartRecovery(running, async (recovery) => {
    recoveries.push(recovery);
  });
  endRecovery = () => running.end(deliveries.workspace.id, recoveries.at(-1)?.recoveryId ?? '');
  beginPages = () => running.extend(deliveries.workspace.id, recoveries.at(-1)?.recoveryId ?? '');
  app.post('/v1/callbacks/recover', createRecoverCallbacks({ startRecovery, now }));
});
afterAll(async () => {
  await receiver.stop();
  await deliveries.stop();
});
beforeEach(() => {
  receiver.answers(answerWith(204));
  receiver.received.length = 0;
  deliveries.wakeUps.length = 0;
  recoveries.length = 0;
});

type Body = { [name: string]: unknown; secret: string; previous_expires_at: number; data: { id: string }[] };

const origin = 'https://localhost';
const request = (path: string, init?: RequestInit) => functionUrlOf(app)(`${origin}${path}`, init);
const get = async (path: string) => {
  const response = await request(path);
  return { status: response.status, body: (await response.json()) as Body, headers: response.headers };
};
const post = async (path: string, body?: unknown) => {
  const response = await request(path, {
    method: 'POST',
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  return { status: response.status, body: (await response.json()) as Body, headers: response.headers };
};
const deliveriesPath = ({ id }: Pick<Task, 'id'>) => `/v1/video/generations/${id}/deliveries`;
const invalid = (param: string) => ({ status: 400, body: { error: { code: 'invalid_request', param } } });
const nothingToSend = { status: 409, body: { error: { code: 'event_not_available' } } };

describe('GET …/deliveries', () => {
  it('lists the attempts with times, durations and a cause in words', async () => {
    receiver.answers(answerWith(301, { location: 'https://new.example.com/hook' }));
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    const { status, body } = await get(deliveriesPath(task));
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'list',
      data: [
        {
          id: expect.stringMatching(/^att_/),
          event_id: task.delivery?.eventId,
          type: 'video.completed',
          attempt: 1,
          trigger: 'auto',
          started_at: expect.any(Number),
          status_code: 301,
          outcome: 'failed',
          error_class: 'redirect',
          cause: 'your server redirects to https://new.example.com/hook: use that URL',
          durations_ms: {
            dns: null,
            connect: expect.any(Number),
            tls: null,
            first_byte: expect.any(Number),
            total: expect.any(Number),
          },
          next_attempt_at: expect.any(Number),
        },
      ],
      has_more: false,
      last_id: body.data[0]?.id,
    });
  });

  it('answers an empty list before the first attempt', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    expect((await get(deliveriesPath(task))).body).toEqual({
      object: 'list',
      data: [],
      has_more: false,
      last_id: null,
    });
  });

  it("answers 404 for another workspace's task", async () => {
    const task = await deliveries.anEndedTask(receiver.url, { workspaceId: 'ws_other' });
    expect(await get(deliveriesPath(task))).toMatchObject({
      status: 404,
      body: { error: { code: 'task_not_found' } },
    });
    expect((await post(deliveriesPath(task))).status).toBe(404);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['after=evt_1', 'after'],
  ])('answers 400 for ?%s', async (query, param) => {
    const task = await deliveries.anEndedTask(receiver.url);
    expect(await get(`${deliveriesPath(task)}?${query}`)).toMatchObject(invalid(param));
  });
});

describe('POST …/deliveries', () => {
  it('sends the event of the end again', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    const { status, body } = await post(deliveriesPath(task));
    expect(status).toBe(202);
    expect(body).toEqual({ event_id: task.delivery?.eventId, state: 'delivered' });
    expect(deliveries.wakeUps).toMatchObject([{ taskId: task.id, delaySeconds: 0 }]);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(2);
  });

  it('sends the event that is named', async () => {
    const task = await deliveries.aTaskInProgress(receiver.url);
    expect(await post(deliveriesPath(task), { event_id: task.delivery?.eventId })).toMatchObject({
      status: 202,
    });
  });

  it('answers 404 for an event that is not of this task', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    expect(await post(deliveriesPath(task), { event_id: 'evt_other' })).toMatchObject({
      status: 404,
      body: { error: { param: 'event_id' } },
    });
    expect(await post(deliveriesPath(task), { event_id: 7 })).toMatchObject(invalid('event_id'));
  });

  it('answers 409 while the task has not ended', async () => {
    expect(await post(deliveriesPath(await deliveries.aTaskInProgress(receiver.url)))).toMatchObject(
      nothingToSend,
    );
  });

  it('answers 409 for a task without a callback', async () => {
    const { workspace, now } = deliveries;
    const task = anEndedTask({
      id: newTaskId(),
      workspaceId: workspace.id,
      endedAtMs: now(),
    });
    await deliveries.tasks.create(task);
    expect(await post(deliveriesPath(task))).toMatchObject(nothingToSend);
  });
});

describe('POST /v1/callbacks/test', () => {
  it('sends a signed test event and tells how it went', async () => {
    const { status, body } = await post('/v1/callbacks/test', { url: receiver.url });
    expect(status).toBe(200);
    expect(body).toEqual({
      delivered: true,
      status_code: 204,
      cause: null,
      durations_ms: expect.objectContaining({ total: expect.any(Number) }),
    });
    const [{ body: bytes, headers }] = receiver.received as [(typeof receiver.received)[0]];
    const event = new Webhook(deliveries.workspace.callbackSecret).verify(
      bytes.toString(),
      headers as Record<string, string>,
    );
    expect(event).toMatchObject({
      object: 'event',
      type: 'callback.test',
      id: headers['webhook-id'],
      data: { livemode: deliveries.workspace.livemode },
    });
  });

  it('tells what went wrong', async () => {
    receiver.answers(answerWith(401));
    const { status, body } = await post('/v1/callbacks/test', { url: receiver.url });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      delivered: false,
      status_code: 401,
      cause: expect.stringContaining('your server answered 401: if it checks signatures'),
    });
  });

  it('takes the workspace default, if no URL is given', async () => {
    const workspace = { ...deliveries.workspace, callbackUrl: receiver.url };
    const one = new Hono<ApiEnvironment>();
    one.use(async (c, next) => {
      c.set('workspace', workspace);
      await next();
    });
    const sendTest = createSendTest(deliveries.dependencies);
    one.post(
      '/',
      createTestCallback({ sendTest, settings: { allowPrivateUrls: true, publicUrl: undefined } }),
    );
    const headers = { 'content-type': 'application/json' };
    expect((await functionUrlOf(one)(`${origin}/`, { method: 'POST', body: '{}', headers })).status).toBe(
      200,
    );
    expect(receiver.received).toHaveLength(1);
  });

  it.each([{}, { url: 7 }, { url: 'ftp://x.example' }, { url: 'http://localhost/' }])(
    'answers 400 to %j with the rule that it breaks',
    async (body) => {
      expect(await post('/v1/callbacks/test', body)).toMatchObject(invalid('url'));
    },
  );

  it('answers 429 while enough requests to that server are under way', async () => {
    const slow = await startScriptedReceiver();
    const release = Promise.withResolvers<void>();
    slow.answers((response) => release.promise.then(() => response.end()));
    const tests = [1, 2, 3, 4].map(() => post('/v1/callbacks/test', { url: slow.url }));
    await slow.hasReceived(4);
    const fifth = await post('/v1/callbacks/test', { url: slow.url });
    expect(fifth).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
    expect(fifth.headers.get('retry-after')).toBe('5');
    release.resolve();
    await Promise.all(tests);
    await slow.stop();
  });
});

describe('the callback secret', () => {
  it('is answered, and after a rotation the new one, while the old one signs for 24 hours', async () => {
    const before = await get('/v1/callbacks/secret');
    expect(before.body).toEqual({
      secret: deliveries.workspace.callbackSecret,
      previous_expires_at: null,
    });
    expect(before.headers.get('cache-control')).toBe('no-store');
    const rotated = await post('/v1/callbacks/secret/rotate');
    expect(rotated.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(rotated.body.secret).not.toBe(before.body.secret);
    const left = rotated.body.previous_expires_at * 1000 - deliveries.now();
    expect(Math.round(left / 1000 / 60)).toBe(24 * 60);
    expect((await get('/v1/callbacks/secret')).body).toEqual(rotated.body);

    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]];
    for (const secret of [before.body.secret, rotated.body.secret])
      expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
  });
});

describe('a rotation with a body', () => {
  it.each([
    [{ grace_seconds: 0 }, 'grace_seconds is no field here; there are none.'],
    [[], 'must be a JSON object'],
  ])('rotates nothing for %j', async (asked, words) => {
    const before = await get('/v1/callbacks/secret');
    const { status, body } = await post('/v1/callbacks/secret/rotate', asked);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining(words) } },
    });
    expect((await get('/v1/callbacks/secret')).body).toEqual(before.body);
  });

  it('rotates for an empty object', async () => {
    expect((await post('/v1/callbacks/secret/rotate', {})).status).toBe(200);
  });
});

describe('a rotation that is repeated', () => {
  const rotate = async (headers: Record<string, string>) => {
    const response = await request('/v1/callbacks/secret/rotate', { method: 'POST', headers });
    return { body: (await response.json()) as Body, replayed: response.headers.get('idempotent-replayed') };
  };

  it.each([
    ['with its Idempotency-Key', { 'idempotency-key': 'rotate-1' }, { 'idempotency-key': 'rotate-1' }],
    ['by an SDK', { 'x-stainless-retry-count': '0' }, { 'x-stainless-retry-count': '1' }],
  ])('%s makes no second secret', async (_how, headers, again) => {
    const first = await rotate(headers);
    expect(first.replayed).toBeNull();
    const repeat = await rotate(again);
    expect(repeat.body).toEqual(first.body);
    expect(repeat.replayed).toBe('true');
  });
});

describe('POST /v1/callbacks/recover', () => {
  afterEach(() => endRecovery());

  it('starts a recovery of the time that is given', async () => {
    const since = Math.floor(deliveries.now() / 1000) - 3_600;
    const { status, body } = await post('/v1/callbacks/recover', { since, until: since + 60 });
    expect(status).toBe(202);
    expect(body).toEqual({ object: 'callback.recovery', since, until: since + 60 });
    expect(recoveries).toEqual([
      {
        workspaceId: deliveries.workspace.id,
        recoveryId: expect.any(String),
        sinceMs: since * 1000,
        untilMs: (since + 60) * 1000,
      },
    ]);
  });

  it('runs once for a workspace: a repeat gets the answer of the first, and more has to wait', async () => {
    const since = Math.floor(deliveries.now() / 1000) - 3_600;
    const first = await post('/v1/callbacks/recover', { since });
    expect(await beginPages()).toBe(true);
    const repeat = await post('/v1/callbacks/recover', { since });
    expect(repeat).toMatchObject({ status: 202, body: first.body });
    const more = await post('/v1/callbacks/recover', { since: since - 60 });
    expect(more).toMatchObject({ status: 409, body: { error: { code: 'recovery_in_progress' } } });
    expect(more.headers.get('retry-after')).toBe('30');
    expect(recoveries).toHaveLength(1);
    await endRecovery();
    expect((await post('/v1/callbacks/recover', { since: since - 60 })).status).toBe(202);
    recoveries.shift();
  });
  it('starts although the answer of the write that begins it was lost', async () => {
    trouble({ write: 'put', pk: 'RECOVERY#', how: 'answer lost' });
    const since = Math.floor(deliveries.now() / 1000) - 3_600;
    expect((await post('/v1/callbacks/recover', { since })).status).toBe(202);
    expect(recoveries).toHaveLength(1);
    expect(await beginPages()).toBe(true);
  });
  it('starts by the repeat of a request that died before it could send the first page', async () => {
    const since = Math.floor(deliveries.now() / 1000) - 3_600;
    await post('/v1/callbacks/recover', { since });
    recoveries.length = 0;
    expect((await post('/v1/callbacks/recover', { since })).status).toBe(202);
    expect(recoveries).toHaveLength(1);
    expect(await beginPages()).toBe(true);
  });
  it('says of a time to come only that it is one', async () => {
    const since = Math.floor(deliveries.now() / 1000) + 3_600;
    expect(await post('/v1/callbacks/recover', { since })).toMatchObject({
      status: 400,
      body: { error: { message: 'since must not lie in the future.' } },
    });
  });
  it('takes times as text, and goes up to now', async () => {
    const since = new Date(deliveries.now() - dayMs).toISOString();
    expect((await post('/v1/callbacks/recover', { since })).status).toBe(202);
    expect(recoveries[0]?.sinceMs).toBe(Date.parse(since));
  });
  it.each([
    [{}, 'since'],
    [{ since: 'yesterday' }, 'since'],
    [{ since: '2026-11-22' }, 'since'],
    [{ since: 0 }, 'since'],
    [{ since: 99_999_999_999 }, 'since'],
    [{ since: null }, 'since'],
  ])('answers 400 to %j', async (body, param) => {
    expect(await post('/v1/callbacks/recover', body)).toMatchObject(invalid(param));
    expect(recoveries).toEqual([]);
  });
  it('answers 400 to a time that ends before it begins', async () => {
    const since = Math.floor(deliveries.now() / 1000);
    expect(await post('/v1/callbacks/recover', { since, until: since - 60 })).toMatchObject(invalid('until'));
  });
});
