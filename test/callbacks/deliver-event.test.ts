import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultDueShards } from '../../lib/limits.ts';
import { createSweep } from '../../lib/tasks/sweep.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { taskData } from '../../lib/tasks/task-data.ts';
import { hourMs, minuteMs, secondMs } from '../../lib/time.ts';
import { type Deliveries, messageFor, startDeliveries } from '../support/deliveries.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { answerWith, type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';
import { silentLog } from '../support/silent-log.ts';

let deliveries: Deliveries;
let receiver: Receiver;
beforeAll(async () => {
  deliveries = await startDeliveries();
});
afterAll(() => deliveries.stop());
beforeEach(async () => {
  receiver = await startScriptedReceiver();
  deliveries.wakeUps.length = 0;
  deliveries.backToNow();
});
afterEach(() => receiver.stop());

const failOnce = () => {
  receiver.answers((response, callback) => {
    receiver.answers(answerWith(204));
    answerWith(500)(response, callback);
  });
};
const verified = (index: number) => {
  const { body, headers } = receiver.received[index] ?? { body: '', headers: {} };
  return new Webhook(deliveries.workspace.callbackSecret).verify(
    body.toString(),
    headers as Record<string, string>,
  );
};
const header = (index: number, name: string) => receiver.received[index]?.headers[name];

describe('an event', () => {
  it('is the poll answer of its task, signed, with the id of the event', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(1);
    expect(verified(0)).toEqual({
      id: task.delivery?.eventId,
      object: 'event',
      type: 'video.completed',
      created_at: Math.floor((task.delivery?.createdAtMs ?? 0) / 1000),
      timestamp: new Date(task.delivery?.createdAtMs ?? 0).toISOString(),
      data: { id: task.id, ...taskData(task, deliveries.now()) },
    });
    expect(receiver.received[0]).toMatchObject({
      path: '/callbacks',
      headers: {
        'content-type': 'application/json',
        'content-length': String(receiver.received[0]?.body.length),
        'user-agent': expect.stringMatching(/^ClearMaas-Webhooks\//),
        'webhook-id': task.delivery?.eventId,
        'webhook-attempt': '1',
        'webhook-task-id': task.id,
      },
    });
    expect(header(0, 'accept-encoding')).toBeUndefined();
  });

  it('is delivered once the receiver answers with 2xx', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    const delivery = await deliveries.deliveryOf(task);
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(delivery).not.toHaveProperty('nextAttemptAtMs');
    expect(deliveries.wakeUps).toEqual([]);
  });

  it("carries the workspace's own headers, which cannot replace those of the sender", async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    const workspace = {
      ...deliveries.workspace,
      callbackHeaders: { 'X-Tenant': 'films', 'webhook-id': 'forged' },
    };
    await deliveries.deliver(task, { workspaces: { find: async () => workspace } });
    expect(header(0, 'x-tenant')).toBe('films');
    expect(header(0, 'webhook-id')).toBe(task.delivery?.eventId);
  });
});

describe('a retry', () => {
  it('carries the same id and bytes, a newer timestamp and a signature of its own', async () => {
    failOnce();
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    deliveries.pass(5 * secondMs);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(2);
    expect(header(1, 'webhook-id')).toBe(header(0, 'webhook-id'));
    expect(receiver.received[1]?.body).toEqual(receiver.received[0]?.body);
    expect(Number(header(1, 'webhook-timestamp'))).toBeGreaterThan(Number(header(0, 'webhook-timestamp')));
    expect(header(1, 'webhook-signature')).not.toBe(header(0, 'webhook-signature'));
    expect([verified(0), verified(1)]).toHaveLength(2);
    expect([header(0, 'webhook-attempt'), header(1, 'webhook-attempt')]).toEqual(['1', '2']);
  });

  it('follows after 5 s by a delayed wake-up, and its cause is told until then', async () => {
    failOnce();
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    expect(await deliveries.deliveryOf(task)).toMatchObject({
      state: 'pending',
      attempts: 1,
      lastCause: 'your server answered 500',
    });
    expect(deliveries.wakeUps).toMatchObject([{ taskId: task.id, group: deliveries.workspace.id }]);
    expect(Math.ceil(deliveries.wakeUps[0]?.delaySeconds ?? 0)).toBe(5);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(1);
  });

  it('ends after eleven attempts, the last of them three days on', async () => {
    receiver.answers(answerWith(404));
    const task = await deliveries.anEndedTask(receiver.url);
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      await deliveries.deliver(task);
      const due = (await deliveries.deliveryOf(task))?.nextAttemptAtMs;
      if (due !== undefined) deliveries.pass(due - deliveries.now());
    }
    expect(receiver.received).toHaveLength(11);
    expect(await deliveries.deliveryOf(task)).toMatchObject({
      state: 'failed',
      attempts: 11,
      lastCause: 'your server answered 404: check the path of the callback URL',
    });
  });

  it('is left to the sweep when it is further away than a queue can delay', async () => {
    receiver.answers(answerWith(404));
    const task = await deliveries.anEndedTask(receiver.url);
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await deliveries.deliver(task);
      const due = (await deliveries.deliveryOf(task))?.nextAttemptAtMs ?? 0;
      deliveries.pass(due - deliveries.now());
    }
    expect(deliveries.wakeUps).toHaveLength(3);
  });
});

describe('once, whatever happens around it', () => {
  it('is sent once for a duplicate message', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(1);
  });

  it('is sent once by two workers at the same moment', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await Promise.all([deliveries.deliver(task), deliveries.deliver(task), deliveries.deliver(task)]);
    expect(receiver.received).toHaveLength(1);
  });

  it('is sent once more, under the same id, when the worker dies before it wrote down the answer', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    await dieAfterSending(task);
    expect(receiver.received).toHaveLength(1);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(1);
    deliveries.pass(minuteMs);
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(2);
    expect(header(1, 'webhook-id')).toBe(header(0, 'webhook-id'));
    expect(await deliveries.deliveryOf(task)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  it('is given up at last, after some three days, when its worker dies each time', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    for (let hour = 1; hour <= 84; hour += 1) {
      await dieAfterSending(task);
      await dieAfterSending(task);
      deliveries.pass(hourMs);
    }
    expect(receiver.received).toHaveLength(11);
    expect(await deliveries.deliveryOf(task)).toMatchObject({
      state: 'failed',
      attempts: 11,
      lastCause: expect.stringContaining('the gateway stopped'),
    });
  });

  /** As if the function were killed after the receiver answered: nothing after the send takes place. */
  const dieAfterSending = async (task: Task) => {
    const died = new Error('killed');
    const dying = deliveries.deliver(task, {
      send: async (...args) => {
        await deliveries.dependencies.send(...args);
        throw died;
      },
    });
    await dying.catch((error) => expect(error).toBe(died));
  };

  it('is sent even if the log of attempts cannot be written, and not again', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    const attempts = {
      ...deliveries.dependencies.attempts,
      record: () => Promise.reject(new Error('table gone')),
    };
    await deliveries.deliver(task, { attempts });
    expect(await deliveries.deliveryOf(task)).toMatchObject({ state: 'delivered' });
  });
});

describe('a lost wake-up', () => {
  it('is made up for by the sweep', async () => {
    const task = await deliveries.anEndedTask(receiver.url);
    const sweep = createSweep({
      ...deliveries.dependencies,
      wakeUps: { ...createRecordedWakeUps().wakeUps, ...deliveries.dependencies.wakeUps },
      queue: { reconcile: async () => {} },
      reconcileBudgets: async () => {},
      dueShards: defaultDueShards,
      budgetMs: 10 * secondMs,
      log: silentLog,
    });
    await sweep();
    const message = deliveries.wakeUps.find(({ taskId }) => taskId === task.id);
    expect(message).toMatchObject(messageFor(task));
    await deliveries.deliver(task);
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a progress event', () => {
  it('is sent while the task runs', async () => {
    const task = await deliveries.aTaskInProgress(receiver.url);
    await deliveries.deliver(task);
    expect(verified(0)).toMatchObject({ type: 'video.in_progress', data: { status: 'IN_PROGRESS' } });
  });

  it('is dropped once the task has ended', async () => {
    const task = await deliveries.aTaskInProgress(receiver.url);
    await deliveries.end(task);
    await deliveries.deliver(task);
    expect(receiver.received).toEqual([]);
  });

  it('whose attempt ends after the task did leaves the event of the end alone', async () => {
    const task = await deliveries.aTaskInProgress(receiver.url);
    await deliveries.deliver(task, {
      send: async (...args) => {
        await deliveries.end(task);
        return deliveries.dependencies.send(...args);
      },
    });
    expect(await deliveries.deliveryOf(task)).toMatchObject({
      type: 'video.completed',
      state: 'pending',
      attempts: 0,
    });
    const ended = await deliveries.tasks.find(task.id);
    await deliveries.deliver(ended ?? task);
    expect(receiver.received.map(({ body }) => JSON.parse(body.toString()).type)).toEqual([
      'video.in_progress',
      'video.completed',
    ]);
  });
});
