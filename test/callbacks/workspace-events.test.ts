import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliverEvent } from '../../lib/callbacks/deliver-event.ts';
import { createLog, type Log, type LogLine } from '../../lib/observability/log.ts';
import { newWorkspaceEvent, type WorkspaceEvent } from '../../lib/tasks/workspace-event.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { dayMs, minuteMs, secondMs } from '../../lib/time.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';
import { answerWith, type Receiver, startScriptedReceiver } from '../support/scripted-receiver.ts';
import { silentLog } from '../support/silent-log.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

let deliveries: Deliveries;
let receiver: Receiver;
beforeAll(async () => {
  deliveries = await startDeliveries();
});
afterAll(() => deliveries.stop());
beforeEach(async () => {
  receiver = await startScriptedReceiver();
  deliveries.backToNow();
});
afterEach(() => receiver.stop());

const storeOf = ({ cloud, now }: Deliveries) => createWorkspaceEventStore(cloud.table, now);

let events = 0;
const anEvent = async (callbackUrl: string | undefined): Promise<WorkspaceEvent> => {
  const { workspace, workspaces, now } = deliveries;
  await workspaces.set(workspace.id, { callbackUrl });
  events += 1;
  const happening = {
    workspaceId: workspace.id,
    type: 'budget.warning',
    data: { cap_usd: '50' },
    subject: `budget ${events}`,
  } as const;
  const times = { nowMs: now(), expiresAtSeconds: Math.floor(now() / 1000) + 86_400 };
  const event = newWorkspaceEvent(happening, times);
  expect(await storeOf(deliveries).create(event)).toBe(true);
  return event;
};
const deliver = ({ id }: WorkspaceEvent, log: Log = silentLog) =>
  createDeliverEvent({ ...deliveries.dependencies, log })({ taskId: id, eventId: id });
const isDue = async ({ id }: WorkspaceEvent) => (await storeOf(deliveries).listDue()).includes(id);

describe('an event that is about no task', () => {
  it('is there once, whoever makes it', async () => {
    const event = await anEvent(receiver.url);
    expect(await storeOf(deliveries).create(event)).toBe(false);
  });

  it('is sent signed to the default URL of its workspace, with no task of its own', async () => {
    const event = await anEvent(receiver.url);
    await deliver(event);
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received;
    const verified = new Webhook(deliveries.workspace.callbackSecret).verify(
      body.toString(),
      headers as Record<string, string>,
    );
    expect(verified).toMatchObject({ id: event.id, type: 'budget.warning', data: { cap_usd: '50' } });
    expect(headers).toMatchObject({ 'webhook-id': event.id, 'webhook-attempt': '1' });
    expect(headers).not.toHaveProperty('webhook-task-id');
    await deliver(event);
    expect(receiver.received).toHaveLength(1);
    expect(await isDue(event)).toBe(false);
  });

  it('is sent although the answer of the write that claims it was lost', async () => {
    const event = await anEvent(receiver.url);
    const { table, trouble } = createUnreliableTable(deliveries.cloud.table);
    trouble({ write: 'put', pk: 'EVENT#', how: 'answer lost' });
    const workspaceEvents = createWorkspaceEventStore(table, deliveries.now);
    await createDeliverEvent({ ...deliveries.dependencies, workspaceEvents })({
      taskId: event.id,
      eventId: event.id,
    });
    expect(receiver.received).toHaveLength(1);
    expect((await workspaceEvents.findAll([event.id]))[0]?.delivery).toMatchObject({ state: 'delivered' });
  });

  it('is told by whoever stored it although the answer of that write was lost', async () => {
    const event = await anEvent(receiver.url);
    const { table, trouble } = createUnreliableTable(deliveries.cloud.table);
    trouble({ write: 'put', pk: 'EVENT#', how: 'answer lost' });
    const another = { ...event, id: `${event.id}another` };
    expect(await createWorkspaceEventStore(table, deliveries.now).create(another)).toBe(true);
  });

  it('is gone when it has expired, whenever it is taken away', async () => {
    const event = await anEvent(receiver.url);
    deliveries.pass(dayMs);
    await deliver(event);
    expect(receiver.received).toHaveLength(0);
    expect(await storeOf(deliveries).findAll([event.id])).toEqual([]);
  });

  it('is tried again by the schedule, with the same bytes', async () => {
    receiver.answers(answerWith(500));
    const event = await anEvent(receiver.url);
    await deliver(event);
    expect(deliveries.wakeUps.at(-1)).toMatchObject({ taskId: event.id, eventId: event.id });
    await deliver(event);
    expect(receiver.received).toHaveLength(1);
    receiver.answers(answerWith(204));
    deliveries.pass(10 * secondMs);
    expect(await isDue(event)).toBe(true);
    await deliver(event);
    const [first, second] = receiver.received;
    expect(second?.body).toEqual(first?.body);
    deliveries.pass(minuteMs);
    expect(await isDue(event)).toBe(false);
  });

  it.each([
    [204, 'callback.delivered'],
    [410, 'callback.undelivered'],
  ])('is told and counted once it is answered with %i: %s', async (status, name) => {
    receiver.answers(answerWith(status));
    const event = await anEvent(receiver.url);
    const lines: LogLine[] = [];
    await deliver(
      event,
      createLog((line) => lines.push(line)),
    );
    const told = lines.filter((line) => /delivered/.test(line.event));
    expect(told).toEqual([expect.objectContaining({ event: name })]);
    expect(told[0]?.fields).toMatchObject({
      eventId: event.id,
      workspaceId: event.workspaceId,
      type: 'budget.warning',
      attempts: 1,
    });
  });

  it('is no longer due where its workspace has no address', async () => {
    const event = await anEvent(undefined);
    expect(await isDue(event)).toBe(true);
    await deliver(event);
    expect(await isDue(event)).toBe(false);
    expect((await storeOf(deliveries).findAll([event.id]))[0]).toMatchObject({ data: { cap_usd: '50' } });
  });
});
