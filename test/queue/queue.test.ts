import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Table } from '../../lib/aws/table.ts';
import { createLog, type LogLine } from '../../lib/observability/log.ts';
import type { QueueMembership } from '../../lib/queue/membership.ts';
import { createQueue, type QueueRequest } from '../../lib/queue/queue.ts';
import type { Member } from '../../lib/queue/reconcile.ts';
import { minuteMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** Every test has its own models and workspaces in the one table. */
let tests = 0;
const aGateway = () => {
  tests += 1;
  const scope = `t${tests}`;
  const clock = { nowMs: startMs };
  const woken: string[] = [];
  const members = new Map<string, Member>();
  const logged: LogLine[] = [];
  /** Another instance of a function, which remembers nothing of what this one read. */
  const instance = (table = cloud.table) =>
    createQueue({
      table,
      wake: async (taskId) => {
        woken.push(taskId);
      },
      findMember: async (taskId) => members.get(taskId),
      now: () => clock.nowMs,
      random: () => 0.5,
      log: createLog((line) => logged.push(line)),
    });
  const task = (id: string, more: Partial<QueueRequest> = {}): QueueRequest => ({
    taskId: `task_${scope}_${id}`,
    createdAtMs: clock.nowMs,
    workspaceId: `ws_${scope}`,
    model: `kling/${scope}`,
    ...more,
  });
  const itemsOf = async (pk: string) =>
    (
      await cloud.table.query({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
      })
    ).Items.filter((item) => JSON.stringify(item).includes(scope));
  const leftovers = async () =>
    (
      await Promise.all([
        itemsOf('QUEUES#ALL'),
        itemsOf(`QUEUE#MODEL#kling/${scope}`),
        itemsOf(`QUEUE#PARKED#ws_${scope}#kling/${scope}`),
        itemsOf(`ROUNDS#MODEL#kling/${scope}`),
        itemsOf(`SLOTS#ws_${scope}`),
      ])
    ).flat();
  const idOf = ({ taskId }: QueueRequest) => taskId;
  return { queue: instance(), instance, clock, woken, members, logged, task, leftovers, idOf };
};

const waits = (membership: QueueMembership): Member => ({ isQueued: true, membership });

test('where nobody waits, a task is admitted, accepted and released without a membership', async () => {
  const { queue, task, leftovers } = aGateway();
  expect(await queue.admit(task('1'))).toEqual({ admitted: true });
  expect(await queue.accepted(task('1'))).toBeUndefined();
  await queue.release(task('1'));
  expect(await leftovers()).toEqual([]);
});

test('whoever is refused waits, and those who come later wait behind it', async () => {
  const { queue, task, clock } = aGateway();
  const first = await queue.refused(task('1'), undefined, 'full');
  expect(first.retryAtMs).toBe(clock.nowMs + 5_000);
  const second = await queue.admit(task('2'));
  if (second.admitted) throw new Error('the second is admitted');
  expect(second.retryAtMs).toBeGreaterThan(clock.nowMs + 600_000);
  expect(await queue.position(task('1'), first.membership)).toEqual({ position: 1 });
  expect(await queue.position(task('2'), second.membership)).toEqual({ position: 2 });
});

test('an acceptance wakes the next, and from then on two at a time', async () => {
  const { queue, task, woken, idOf, clock } = aGateway();
  const first = await queue.refused(task('1'), undefined, 'rate');
  for (const id of ['2', '3', '4', '5']) await queue.admit(task(id));
  clock.nowMs = first.retryAtMs;
  const admitted = await queue.admit(task('1'), first.membership);
  expect(admitted.admitted).toBe(true);
  await queue.accepted(task('1'), admitted.membership);
  expect(woken).toEqual(['2', '3'].map((id) => idOf(task(id))));
});

test('an acceptance counts once, although the answer of the write that tells of it was lost', async () => {
  const { queue, instance, task, woken, idOf, clock } = aGateway();
  const first = await queue.refused(task('1'), undefined, 'full');
  for (const id of ['2', '3', '4']) await queue.admit(task(id));
  clock.nowMs = first.retryAtMs;
  const admitted = await queue.admit(task('1'), first.membership);
  const { table, trouble } = createUnreliableTable(cloud.table);
  trouble({ write: 'update', pk: 'QUEUES#', how: 'answer lost' });
  await instance(table).accepted(task('1'), admitted.membership);
  expect(woken).toEqual([idOf(task('2'))]);
});

test('the first of a new queue tries again after five seconds, however long the one before it waited', async () => {
  const { queue, task, clock } = aGateway();
  let before = await queue.refused(task('before'), undefined, 'full');
  for (let refusal = 1; refusal <= 3; refusal += 1) {
    clock.nowMs = before.retryAtMs;
    const again = await queue.admit(task('before'), before.membership);
    clock.nowMs += 2_000;
    before = await queue.refused(task('before'), again.membership, 'full');
  }
  await queue.release(task('before'), before.membership);
  clock.nowMs += 5_000;
  const { retryAtMs } = await queue.refused(task('next'), undefined, 'full');
  expect(retryAtMs - clock.nowMs).toBe(5_000);
});

test('an end wakes the first of those who wait, though it never waited itself', async () => {
  const { queue, task, woken, idOf, clock } = aGateway();
  await queue.refused(task('1'), undefined, 'full');
  await queue.admit(task('2'));
  clock.nowMs += 2_000;
  await queue.release(task('rendered'));
  expect(woken).toEqual([idOf(task('1'))]);
});

test('a task that was refused while a slot came free asks again at once, and only once', async () => {
  const { queue, task, clock } = aGateway();
  const first = await queue.refused(task('1'), undefined, 'full');
  clock.nowMs = first.retryAtMs;
  const asking = await queue.admit(task('1'), first.membership);
  clock.nowMs += 800;
  await queue.release(task('rendered'));
  clock.nowMs += 2_000;
  const { membership, retryAtMs } = await queue.refused(task('1'), asking.membership, 'full');
  expect(retryAtMs).toBe(clock.nowMs);
  const again = await queue.admit(task('1'), membership);
  expect(again.admitted).toBe(true);
  const later = await queue.refused(task('1'), again.membership, 'full');
  expect(later.retryAtMs).toBeGreaterThan(clock.nowMs);
});

test('cancelling the first of the queue wakes the next', async () => {
  const { queue, task, woken, idOf } = aGateway();
  const first = await queue.refused(task('1'), undefined, 'full');
  await queue.admit(task('2'));
  await queue.release(task('1'), first.membership);
  expect(woken).toEqual([idOf(task('2'))]);
});

test('a task that two workers put into the queue at once has one entry there', async () => {
  const { queue, instance, task, leftovers, idOf } = aGateway();
  await queue.refused(task('1'), undefined, 'full');
  const answers = await Promise.all([instance().admit(task('2')), instance().admit(task('2'))]);
  const entries = (await leftovers()).filter(({ sk }) => String(sk).endsWith(idOf(task('2'))));
  expect(entries).toHaveLength(1);
  expect(answers.map(({ membership }) => membership?.entryId)).toContain(entries[0]?.['sk']);
});

test('workspaces take turns, however many tasks one of them has waiting', async () => {
  const { queue, task, clock } = aGateway();
  const of = (id: string, workspaceId: string) => task(id, { workspaceId });
  const memberships = new Map<string, QueueMembership>();
  const first = await queue.refused(of('a1', 'a'), undefined, 'full');
  memberships.set('a1', first.membership);
  for (const [id, workspace] of [
    ['a2', 'a'],
    ['a3', 'a'],
    ['b1', 'b'],
    ['b2', 'b'],
  ] as const) {
    clock.nowMs += 1;
    const { membership } = await queue.admit(of(id, workspace));
    if (membership) memberships.set(id, membership);
  }
  const order = [...memberships].sort(([, one], [, other]) =>
    (one.entryId ?? '') < (other.entryId ?? '') ? -1 : 1,
  );
  expect(order.map(([id]) => id)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
});

test('of twenty tasks at the same moment only as many are in flight as the workspace may have', async () => {
  const { instance, task } = aGateway();
  const tasks = Array.from({ length: 20 }, (_, index) => task(String(index), { workspaceLimit: 3 }));
  const answers = await Promise.all(tasks.map((one) => instance().admit(one)));
  expect(answers.filter(({ admitted }) => admitted)).toHaveLength(3);
});

test('a workspace is not held up by a task of its own that the provider keeps refusing', async () => {
  const { queue, task, clock } = aGateway();
  const limited = (id: string) => task(id, { workspaceLimit: 1 });
  const holding = await queue.admit(limited('0'));
  const stubborn = limited('1');
  let { membership } = await queue.admit(stubborn);
  clock.nowMs += 1;
  const next = limited('2');
  const waiting = await queue.admit(next);
  await queue.release(limited('0'), holding.membership);
  for (let refusals = 0; refusals < 6; refusals += 1) {
    clock.nowMs += 60_000;
    ({ membership } = await queue.admit(stubborn, membership));
    ({ membership } = await queue.refused(stubborn, membership, 'full'));
    if (refusals === 0) await queue.release(task('rendered'));
  }
  clock.nowMs += 10_000;
  expect((await queue.admit(next, waiting.membership)).admitted).toBe(true);
});

test('a slot that comes free goes to whoever of the workspace has waited longest', async () => {
  const { queue, task, woken, idOf, clock } = aGateway();
  const limited = (id: string) => task(id, { workspaceLimit: 1 });
  const first = await queue.admit(limited('1'));
  clock.nowMs += 1;
  const second = await queue.admit(limited('2'));
  clock.nowMs += 1;
  const third = await queue.admit(limited('3'));
  expect([first, second, third].map(({ admitted }) => admitted)).toEqual([true, false, false]);
  expect(await queue.position(limited('3'), third.membership)).toEqual({ position: 2 });
  const holding = await queue.accepted(limited('1'), first.membership);
  await queue.release(limited('1'), holding);
  expect(woken).toEqual([idOf(task('2'))]);
  expect((await queue.admit(limited('3'), third.membership)).admitted).toBe(false);
  expect((await queue.admit(limited('2'), second.membership)).admitted).toBe(true);
});

test('a slot that comes free while the next one takes another goes to the one after that', async () => {
  const { queue, instance, task, woken, idOf, clock } = aGateway();
  const limited = (id: string) => task(id, { workspaceLimit: 2 });
  const memberships = [];
  for (const id of ['1', '2', '3', '4']) {
    memberships.push((await queue.admit(limited(id))).membership);
    clock.nowMs += 1;
  }
  const [first, second, third] = memberships;
  await queue.release(limited('1'), first);
  let isSecondOver = false;
  const meanwhile: Table = {
    ...cloud.table,
    async put(input) {
      if (!isSecondOver && String(input.Item['pk']).startsWith('SLOTS#')) {
        isSecondOver = true;
        await queue.release(limited('2'), second);
      }
      await cloud.table.put(input);
    },
  };
  expect((await instance(meanwhile).admit(limited('3'), third)).admitted).toBe(true);
  expect(woken).toEqual(['3', '3', '4'].map((id) => idOf(task(id))));
});

test('a task that two workers see for the first time has one entry while it waits for its workspace', async () => {
  const { queue, instance, task, leftovers, idOf, clock } = aGateway();
  await queue.admit(task('1', { workspaceLimit: 1 }));
  const second = task('2', { workspaceLimit: 1 });
  await queue.admit(second);
  clock.nowMs += 20;
  await instance().admit(second);
  const entries = (await leftovers()).filter(({ sk }) => String(sk).endsWith(idOf(second)));
  expect(entries).toHaveLength(1);
});

test('a raised limit lets those go on who wait for it, one after the other', async () => {
  const { queue, task, woken, idOf, clock } = aGateway();
  const limited = (id: string, workspaceLimit = 1) => task(id, { workspaceLimit });
  await queue.admit(limited('1'));
  const waiting = [];
  for (const id of ['2', '3', '4']) {
    clock.nowMs += 1;
    waiting.push((await queue.admit(limited(id))).membership);
  }
  await queue.limitChanged(task('').workspaceId);
  expect(woken).toEqual([idOf(task('2'))]);
  expect((await queue.admit(limited('2', 3), waiting[0])).admitted).toBe(true);
  expect(woken).toEqual(['2', '3'].map((id) => idOf(task(id))));
  expect((await queue.admit(limited('3', 3), waiting[1])).admitted).toBe(true);
  expect(woken).toHaveLength(2);
});

test('a task that waits for one model takes none of the slots that another model could use', async () => {
  const { queue, task } = aGateway();
  const limited = (id: string, model: string) => task(id, { workspaceLimit: 1, model });
  await queue.refused(limited('1', 'crowded'), undefined, 'full');
  expect((await queue.admit(limited('2', 'crowded'))).admitted).toBe(false);
  expect((await queue.admit(limited('3', 'free'))).admitted).toBe(true);
});

test('a task that the provider keeps refusing lets others go before it', async () => {
  const { queue, task, woken, idOf, clock } = aGateway();
  let first = await queue.refused(task('1'), undefined, 'full');
  const second = await queue.admit(task('2'));
  clock.nowMs += 2_000;
  await queue.release(task('rendered'));
  for (let refusal = 1; refusal <= 5; refusal += 1) {
    clock.nowMs = first.retryAtMs;
    const again = await queue.admit(task('1'), first.membership);
    expect(again.admitted).toBe(true);
    expect((await queue.admit(task('2'), second.membership)).admitted).toBe(false);
    first = await queue.refused(task('1'), again.membership, 'full');
  }
  expect(woken).toContain(idOf(task('2')));
  expect((await queue.admit(task('2'), second.membership)).admitted).toBe(true);
});

test('a task that the provider keeps refusing tries each 20 s where it holds nobody up', async () => {
  const { queue, task, clock } = aGateway();
  let only = await queue.refused(task('1'), undefined, 'full');
  for (let refusal = 1; refusal <= 10; refusal += 1) {
    await queue.release(task('rendered'));
    clock.nowMs = only.retryAtMs;
    const again = await queue.admit(task('1'), only.membership);
    only = await queue.refused(task('1'), again.membership, 'full');
    expect(only.retryAtMs - clock.nowMs).toBeLessThanOrEqual(20_000);
  }
  expect(only.membership.refusals).toBe(10);
});

test('a task that is refused while nothing has come free keeps its position', async () => {
  const { queue, task, clock } = aGateway();
  let first = await queue.refused(task('1'), undefined, 'full');
  const second = await queue.admit(task('2'));
  for (let refusal = 1; refusal <= 10; refusal += 1) {
    clock.nowMs = first.retryAtMs;
    const again = await queue.admit(task('1'), first.membership);
    first = await queue.refused(task('1'), again.membership, 'full');
  }
  expect((await queue.admit(task('2'), second.membership)).admitted).toBe(false);
  await queue.release(task('rendered'));
  expect((await queue.admit(task('2'), second.membership)).admitted).toBe(false);
  expect((await queue.admit(task('1'), first.membership)).admitted).toBe(true);
});

test('what workers that died left behind is cleared, and whoever may go on is woken', async () => {
  const { queue, task, woken, members, idOf, clock } = aGateway();
  const gone = await queue.refused(task('gone'), undefined, 'full');
  const next = await queue.admit(task('next'));
  if (next.membership) members.set(idOf(task('next')), waits(next.membership));
  clock.nowMs += 61_000;
  await queue.reconcile();
  expect(woken).toEqual([idOf(task('next'))]);
  expect(await queue.position(task('next'), next.membership)).toMatchObject({ position: 1 });
  expect(gone.membership.entryId).toBeDefined();
});

test('it is told for how long the first has waited', async () => {
  const { queue, task, members, idOf, clock, logged } = aGateway();
  const first = await queue.refused(task('first'), undefined, 'full');
  clock.nowMs += 10 * minuteMs;
  const second = await queue.admit(task('second'));
  members.set(idOf(task('first')), waits(first.membership));
  if (second.membership) members.set(idOf(task('second')), waits(second.membership));
  clock.nowMs += 30 * minuteMs;
  await queue.reconcile();
  expect(logged.at(-1)).toMatchObject({
    event: 'queues.reconciled',
    fields: { oldestWaitMs: 40 * minuteMs },
  });
});

test('a slot that a worker took and could not store is given back at the end of its task', async () => {
  const { queue, instance, task, leftovers, clock } = aGateway();
  const limited = task('1', { workspaceLimit: 1 });
  const first = await queue.refused(limited, undefined, 'full');
  clock.nowMs = first.retryAtMs;
  await instance().admit(limited, first.membership);
  await queue.release(limited, first.membership);
  expect((await leftovers()).filter(({ pk }) => String(pk).startsWith('SLOTS#'))).toEqual([]);
});

test('a slot of a task that has ended is given on', async () => {
  const { queue, task, woken, members, idOf, clock } = aGateway();
  const limited = (id: string) => task(id, { workspaceLimit: 1 });
  await queue.admit(limited('ended'));
  const second = await queue.admit(limited('2'));
  if (second.membership) members.set(idOf(task('2')), waits(second.membership));
  clock.nowMs += 61_000;
  await queue.reconcile();
  expect(woken).toEqual([idOf(task('2'))]);
  expect((await queue.admit(limited('2'), second.membership)).admitted).toBe(true);
});

test('of an empty queue nothing is left', async () => {
  const { queue, task, leftovers, clock } = aGateway();
  const limited = (id: string) => task(id, { workspaceLimit: 1 });
  const first = await queue.refused(limited('1'), undefined, 'rate');
  const second = await queue.admit(limited('2'));
  clock.nowMs += 5_000;
  const admitted = await queue.admit(limited('1'), first.membership);
  const holding = await queue.accepted(limited('1'), admitted.membership);
  const parked = await queue.admit(limited('2'), second.membership);
  expect(parked.admitted).toBe(false);
  await queue.release(limited('1'), holding);
  await queue.release(limited('2'), parked.membership);
  clock.nowMs += 61_000;
  await queue.reconcile();
  expect(await leftovers()).toEqual([]);
});
