import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueryInput } from '../../lib/aws/table.ts';
import type { Cap } from '../../lib/cap.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { holdMs } from '../../lib/usage/budget.ts';
import { periodAt } from '../../lib/usage/budget-period.ts';
import { createBudgetStore } from '../../lib/usage/budget-store.ts';
import { createReconcileBudgets } from '../../lib/usage/reconcile-budgets.ts';
import { anEndedTask, aTask, startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

const clock = { nowMs: startMs };
const now = () => clock.nowMs;
const cap: Cap = { microUsd: 1_000_000, per: 'day' };
const period = periodAt('day', startMs);

let workspaces = 0;
const aBudget = () => {
  workspaces += 1;
  const name = { workspaceId: `ws_${workspaces}`, periodId: period.id };
  const budgets = createBudgetStore(cloud.table, now);
  const reserve = (taskId: string, microUsd: number, changes: Partial<Cap> = {}) =>
    budgets.reserve({
      workspaceId: name.workspaceId,
      taskId,
      period,
      microUsd,
      cap: { ...cap, ...changes },
    });
  const reserved = async (taskId: string, microUsd: number) => {
    const outcome = await reserve(taskId, microUsd);
    if (!outcome.reserved) throw new Error(`not reserved: ${outcome.because}`);
    return outcome;
  };
  const committed = async () => (await budgets.find(name))?.committedMicroUsd;
  const tasks = createDynamoTaskStore(cloud.table, now);
  const workspaceEvents = createWorkspaceEventStore(cloud.table, now);
  const { wakeUps, sent } = createRecordedWakeUps();
  const reconcileUntil = createReconcileBudgets({
    ...{ budgets, tasks, workspaceEvents, wakeUps, now },
    log: silentLog,
  });
  const reconcile = () => reconcileUntil(now() + 45_000);
  const told = async () => {
    const { Items } = await cloud.table.query({
      IndexName: 'by-end',
      KeyConditionExpression: 'workspaceId = :workspace',
      ExpressionAttributeValues: { ':workspace': name.workspaceId },
    });
    return workspaceEvents.findAll(Items.map(({ pk }) => String(pk).slice('EVENT#'.length)));
  };
  return {
    name,
    budgets,
    reserve,
    reserved,
    committed,
    tasks,
    workspaceEvents,
    told,
    sent,
    reconcile,
    reconcileUntil,
  };
};
const taskIds = (count: number) => Array.from({ length: count }, (_, index) => `task_${index}`);

describe('a budget', () => {
  it('lets 10 of 50 in at once where there is room for 10', async () => {
    const { reserve, budgets, name } = aBudget();
    const outcomes = await Promise.all(taskIds(50).map((taskId) => reserve(taskId, 100_000)));
    expect(outcomes.filter(({ reserved }) => reserved)).toHaveLength(10);
    const budget = await budgets.find(name);
    expect(budget?.committedMicroUsd).toBe(1_000_000);
    expect(budget?.reservations.size).toBe(10);
  });

  it('counts a request that is repeated once, however often and however close together', async () => {
    const { reserve, committed } = aBudget();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => reserve('task_same', 600_000)));
    const ids = outcomes.map((outcome) => outcome.reserved && outcome.reservation.id);
    expect(new Set(ids).size).toBe(1);
    expect(
      outcomes.filter((outcome) => outcome.reserved && outcome.committedMicroUsd !== undefined),
    ).toHaveLength(1);
    expect(await committed()).toBe(600_000);
  });

  it('says what is left to what does not fit, also the first', async () => {
    const { reserve, reserved } = aBudget();
    expect(await reserve('task_large', 1_000_001)).toEqual({
      reserved: false,
      because: 'over',
      budget: undefined,
    });
    await reserved('task_1', 700_000);
    expect(await reserve('task_2', 300_001)).toMatchObject({
      because: 'over',
      budget: { committedMicroUsd: 700_000 },
    });
    expect(await reserve('task_2', 300_000)).toMatchObject({ reserved: true });
  });

  it('has more room as soon as the cap is raised, and none when it is lowered below what is committed', async () => {
    const { reserve, reserved } = aBudget();
    await reserved('task_1', 1_000_000);
    expect(await reserve('task_2', 500_000)).toMatchObject({ reserved: false });
    expect(await reserve('task_2', 500_000, { microUsd: 1_500_000 })).toMatchObject({ reserved: true });
    expect(await reserve('task_3', 1, { microUsd: 700_000 })).toMatchObject({ reserved: false });
  });

  it('is settled once, with what was spent', async () => {
    const { name, budgets, reserved, committed } = aBudget();
    const { reservation } = await reserved('task_1', 350_000);
    await reserved('task_2', 350_000);
    const settled = await Promise.all(
      Array.from({ length: 5 }, () => budgets.settle(name, 'task_1', reservation, 400_000)),
    );
    expect(settled.filter(Boolean)).toHaveLength(1);
    expect(await committed()).toBe(750_000);
    expect((await budgets.find(name))?.reservations.has('task_1')).toBe(false);
  });

  it('does not let the reservation of an earlier task of the same name settle a later one', async () => {
    const { name, budgets, reserved, committed } = aBudget();
    const { reservation: first } = await reserved('task_1', 350_000);
    await budgets.settle(name, 'task_1', first, 350_000);
    await reserved('task_1', 350_000);
    expect(await budgets.settle(name, 'task_1', first, 0)).toBe(false);
    expect(await committed()).toBe(700_000);
  });

  it('is not given back by whoever read it before it was renewed', async () => {
    const { name, budgets, reserved, committed } = aBudget();
    const { reservation } = await reserved('task_1', 350_000);
    clock.nowMs += 1_000;
    await budgets.renew(name, 'task_1', reservation.id);
    expect(await budgets.settle(name, 'task_1', reservation, 0)).toBe(false);
    expect(await committed()).toBe(350_000);
  });

  it('may pass the cap by what a provider charged beyond its estimate, and takes no more then', async () => {
    const { name, budgets, reserve, reserved, committed } = aBudget();
    const { reservation } = await reserved('task_1', 1_000_000);
    await budgets.settle(name, 'task_1', reservation, 1_200_000);
    expect(await committed()).toBe(1_200_000);
    expect(await reserve('task_2', 1)).toMatchObject({ because: 'over' });
  });
});

it('a budget knows 2,000 tasks under way, and says when there are more', async () => {
  const { reserve, reserved, budgets, name } = aBudget();
  const { reservation } = await reserved('task_0', 1);
  const Key = { pk: `BUDGET#${name.workspaceId}#${name.periodId}`, sk: 'BUDGET' };
  const { Item } = await cloud.table.get({ Key });
  const others = Object.fromEntries(taskIds(2_000).map((taskId) => [taskId, reservation]));
  await cloud.table.put({ Item: { ...Item, ...Key, ...others, reservationCount: 2_000 } });
  expect((await budgets.find(name))?.reservations.size).toBe(2_000);
  expect(await reserve('task_more', 1)).toEqual({ reserved: false, because: 'crowded' });
  expect(await reserve('task_1999', 1)).toEqual({ reserved: true, reservation });
  await budgets.settle(name, 'task_0', reservation, 1);
  expect(await reserve('task_more', 1)).toMatchObject({
    reserved: true,
    committedMicroUsd: expect.any(Number),
  });
});

describe('the sweep of budgets', () => {
  it('gives back what was reserved for a task that was never stored, once nobody can store it any more', async () => {
    const { reserved, reconcile, committed } = aBudget();
    await reserved('task_gone', 350_000);
    await reconcile();
    expect(await committed()).toBe(350_000);
    clock.nowMs += holdMs;
    await reconcile();
    expect(await committed()).toBe(0);
  });

  it('keeps what somebody holds on to', async () => {
    const { name, budgets, reserved, reconcile, committed } = aBudget();
    const { reservation } = await reserved('task_slow', 350_000);
    clock.nowMs += holdMs - 1;
    expect(await budgets.renew(name, 'task_slow', reservation.id)).toBe(true);
    clock.nowMs += holdMs - 1;
    await reconcile();
    expect(await committed()).toBe(350_000);
    clock.nowMs += 1;
    await reconcile();
    expect(await budgets.renew(name, 'task_slow', reservation.id)).toBe(false);
  });

  it('books what a task cost whose worker died before it could', async () => {
    const { name, reserved, reconcile, committed, tasks } = aBudget();
    const stored = async (taskId: string, costMicroUsd?: number) => {
      const { reservation } = await reserved(taskId, 350_000);
      const common = {
        id: taskId,
        workspaceId: name.workspaceId,
        reservation: { id: reservation.id, periodId: name.periodId, microUsd: 350_000 },
        expiresAtSeconds: clock.nowMs / 1000 + 86_400,
      };
      await tasks.create(
        costMicroUsd === undefined
          ? aTask(common)
          : anEndedTask({ ...common, cost: { microUsd: costMicroUsd } }),
      );
    };
    await stored('task_swept_running');
    await stored('task_swept_ended', 280_000);
    clock.nowMs += 10 * holdMs;
    await reconcile();
    await reconcile();
    expect(await committed()).toBe(350_000 + 280_000);
  });

  it('leaves a budget alone in which nothing is reserved, until something is', async () => {
    const { name, budgets, reserved, reconcile } = aBudget();
    const isOpen = async () =>
      (await budgets.listOpen()).some(({ workspaceId }) => workspaceId === name.workspaceId);
    const { reservation } = await reserved('task_1', 350_000);
    await reconcile();
    expect(await isOpen()).toBe(true);
    await budgets.settle(name, 'task_1', reservation, 350_000);
    await reconcile();
    expect(await isOpen()).toBe(false);
    await reserved('task_2', 350_000);
    expect(await isOpen()).toBe(true);
  });

  it('is listed on whichever page of the index it is', async () => {
    const open = [aBudget(), aBudget(), aBudget()];
    for (const { reserved } of open) await reserved('task_1', 350_000);
    const onePerPage = {
      ...cloud.table,
      query: (input: QueryInput) => cloud.table.query({ ...input, Limit: 1 }),
    };
    const listed = await createBudgetStore(onePerPage, now).listOpen();
    expect(listed).toEqual(expect.arrayContaining(open.map(({ name }) => name)));
  });

  it('takes no budget up when the time of the sweep is over', async () => {
    const { reserved, committed, reconcile, reconcileUntil } = aBudget();
    await reserved('task_lost', 350_000);
    clock.nowMs += holdMs;
    await reconcileUntil(now());
    expect(await committed()).toBe(350_000);
    await reconcile();
    expect(await committed()).toBe(0);
  });

  it('tells a threshold that nobody could tell, once, and wakes its delivery until it has been made', async () => {
    const { name, budgets, reserved, reconcile, told, sent, workspaceEvents } = aBudget();
    const { reservation } = await reserved('task_1', 700_000);
    await reconcile();
    expect(await told()).toEqual([]);
    // More than was expected, booked by a worker that knows nothing of thresholds.
    await budgets.settle(name, 'task_1', reservation, 850_000);
    await reserved('task_2', 100_000);
    await reconcile();
    const [warning, ...none] = await told();
    expect(none).toEqual([]);
    expect(warning).toMatchObject({
      type: 'budget.warning',
      data: { cap_usd: '1', spent_usd: '0.95', remaining_usd: '0.05', period: 'day' },
    });
    const wakeUpsOfIt = () =>
      sent.filter(({ message }) => JSON.stringify(message).includes(String(warning?.id))).length;
    const before = wakeUpsOfIt();
    await reconcile();
    expect(wakeUpsOfIt()).toBe(before + 1);
    expect(await told()).toHaveLength(1);
    await workspaceEvents.change(String(warning?.id), ({ delivery: _delivery, ...event }) => event);
    await reconcile();
    expect(wakeUpsOfIt()).toBe(before + 1);
  });
});
