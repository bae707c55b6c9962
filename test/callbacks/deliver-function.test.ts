import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueHandler } from '../../functions/bootstrap/for-each-record.ts';
import { createRunningRecovery } from '../../lib/callbacks/running-recovery.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { periodAt } from '../../lib/usage/budget-period.ts';
import { createTellBudget } from '../../lib/usage/tell-budget.ts';
import { type Deliveries, messageFor, startDeliveries } from '../support/deliveries.ts';
import { answerWith, type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';
import { silentLog } from '../support/silent-log.ts';

let deliveries: Deliveries;
let receiver: Receiver;
let handler: QueueHandler;

beforeAll(async () => {
  deliveries = await startDeliveries();
  receiver = await startScriptedReceiver();
  exportEnvironment({ CALLBACK_ALLOW_PRIVATE: 'true', LOG_LEVEL: 'silent', LINK_SIGNING_KEY: 'key' });
  handler = (await import('../../functions/deliver.ts')).handler;
});
afterAll(async () => {
  await receiver.stop();
  await deliveries.stop();
});

const eventOf = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `message-${index}`,
    receiptHandle: '',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  })),
});
const taken = { batchItemFailures: [] };

describe('the deliver function', () => {
  it('takes the message of an event whose receiver fails: that is a result', async () => {
    receiver.answers(answerWith(500));
    const task = await deliveries.anEndedTask(receiver.url);
    expect(await handler(eventOf(JSON.stringify(messageFor(task))))).toEqual(taken);
    expect(await deliveries.deliveryOf(task)).toMatchObject({ attempts: 1, state: 'pending' });
  });

  it.each([
    ['that cannot be read', 'not JSON'],
    ['of another kind', '{"taskId": 7}'],
    ['for a task that is no more', '{"taskId": "task_gone", "eventId": "evt_gone"}'],
  ])('takes a message %s', async (_name, body) => {
    expect(await handler(eventOf(body))).toEqual(taken);
  });

  it('gives back only the message that failed by a fault of ours', async () => {
    receiver.answers(answerWith(204));
    const orphan = await deliveries.anEndedTask(receiver.url, { workspaceId: 'ws_lost' });
    const task = await deliveries.anEndedTask(receiver.url);
    const bodies = [orphan, task].map((one) => JSON.stringify(messageFor(one)));
    expect(await handler(eventOf(...bodies))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(await deliveries.deliveryOf(task)).toMatchObject({ state: 'delivered' });
  });

  it('works on a page of a recovery', async () => {
    receiver.answers(answerWith(404));
    const sinceMs = deliveries.now();
    const task = await deliveries.anEndedTask(receiver.url);
    await deliveries.deliver(task);
    const range = { sinceMs, untilMs: deliveries.now() };
    const recovery = { workspaceId: deliveries.workspace.id, recoveryId: 'recovery', ...range };
    const running = createRunningRecovery(deliveries.cloud.table, deliveries.now);
    await running.begin(recovery.workspaceId, recovery.recoveryId, range);
    expect(await handler(eventOf(JSON.stringify({ recovery })))).toEqual(taken);
    expect(await deliveries.deliveryOf(task)).toHaveProperty('redeliverAtMs');
  });

  it('sends the events of a budget again with a recovery', async () => {
    const { cloud, now, workspace, workspaces } = deliveries;
    await workspaces.set(workspace.id, { callbackUrl: receiver.url });
    const events = createWorkspaceEventStore(cloud.table, now);
    const tell = createTellBudget({
      budgets: { noteTold: async () => {} },
      workspaceEvents: events,
      wakeUps: deliveries.dependencies.wakeUps,
      now,
      log: silentLog,
    });
    const period = periodAt('day', now());
    const figures = { ...period, per: 'day' as const, capMicroUsd: 10, committedMicroUsd: 8 };
    deliveries.wakeUps.length = 0;
    await tell({ ...figures, workspaceId: workspace.id, periodId: period.id }, 80);
    const [{ taskId: id } = { taskId: '' }] = deliveries.wakeUps;
    const message = JSON.stringify({ taskId: id, eventId: id });
    receiver.answers(answerWith(410));
    await handler(eventOf(message));
    expect((await events.findAll([id]))[0]?.delivery).toMatchObject({ state: 'failed' });

    const range = { sinceMs: now() - 60_000, untilMs: now() };
    const recovery = { workspaceId: workspace.id, recoveryId: 'of budgets', ...range };
    const running = createRunningRecovery(cloud.table, now);
    await running.end(workspace.id, 'recovery');
    await running.begin(workspace.id, 'of budgets', range);
    expect(await handler(eventOf(JSON.stringify({ recovery })))).toEqual(taken);
    receiver.answers(answerWith(204));
    await handler(eventOf(message));
    expect((await events.findAll([id]))[0]?.delivery).toMatchObject({ state: 'delivered' });
    expect(receiver.received.at(-1)?.headers['webhook-id']).toBe(id);
  });
});
