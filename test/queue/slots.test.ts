import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSlots, type Slots } from '../../lib/queue/slots.ts';
import { startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let slots: Slots;
const clock = { nowMs: startMs };
beforeAll(async () => {
  cloud = await startTestCloud();
  slots = createSlots(cloud.table, () => clock.nowMs);
});
afterAll(() => cloud.stop());

const takeAll = (workspaceId: string, taskIds: string[], limit: number) =>
  Promise.all(taskIds.map((taskId) => slots.take(workspaceId, taskId, limit)));
const holdersOf = async (workspaceId: string) => (await slots.list(workspaceId)).map(({ taskId }) => taskId);

test('of twenty tasks at the same moment as many get a slot as there are', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `task_${index}`);
  const taken = await takeAll('ws_crowd', ids, 7);
  expect(taken.filter((one) => one !== undefined)).toHaveLength(7);
  expect(await slots.list('ws_crowd')).toHaveLength(7);
});

test('a task has one slot, however many workers take it for the task at once', async () => {
  const taken = await takeAll('ws_same', ['task_1', 'task_1', 'task_1', 'task_1'], 3);
  expect(new Set(taken.map((one) => one?.number))).toEqual(new Set([1]));
  expect(await holdersOf('ws_same')).toEqual(['task_1']);
});

test('under a lowered limit nobody starts before enough have ended', async () => {
  const ids = ['task_1', 'task_2', 'task_3', 'task_4'];
  for (const id of ids) await slots.take('ws_lowered', id, 4);
  for (const number of [1, 2]) await slots.giveBack('ws_lowered', `task_${number}`, { number });
  expect(await takeAll('ws_lowered', ['task_5', 'task_6'], 2)).toEqual([undefined, undefined]);
  const taken = await takeAll('ws_lowered', ['task_5', 'task_6', 'task_7'], 3);
  expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
  expect(await slots.list('ws_lowered')).toHaveLength(3);
});

test('a worker that lost its task to another cannot give the slot back under it', async () => {
  const first = await slots.take('ws_slow', 'task_1', 1);
  clock.nowMs += 60_000;
  await slots.take('ws_slow', 'task_1', 1);
  if (first) await slots.giveBack('ws_slow', 'task_1', first);
  expect(await holdersOf('ws_slow')).toEqual(['task_1']);
});

test('a slot that was taken by another since is not given back', async () => {
  await slots.take('ws_other', 'task_1', 1);
  await slots.giveBack('ws_other', 'task_1', { number: 1 });
  await slots.take('ws_other', 'task_2', 1);
  await slots.giveBack('ws_other', 'task_1', { number: 1 });
  expect(await holdersOf('ws_other')).toEqual(['task_2']);
});
