import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInFlight, type InFlight } from '../../lib/tasks/in-flight.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let inFlight: InFlight;
beforeAll(async () => {
  cloud = await startTestCloud();
  inFlight = createInFlight(cloud.table);
});
afterAll(() => cloud.stop());

test('of twenty tasks at the same moment only as many are counted as may be', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `task_${index}`);
  const added = await Promise.all(ids.map((id) => inFlight.add('ws_crowd', id, 3)));
  expect(added.filter((isIn) => isIn)).toHaveLength(3);
  expect(await inFlight.list('ws_crowd')).toHaveLength(3);
});

test('a task that is counted stays so, however often it asks and whatever the limit is then', async () => {
  await inFlight.add('ws_again', 'task_1', 2);
  await inFlight.add('ws_again', 'task_2', 2);
  expect(await inFlight.add('ws_again', 'task_1', 2)).toBe(true);
  expect(await inFlight.add('ws_again', 'task_1', 1)).toBe(true);
  expect(await inFlight.list('ws_again')).toEqual(['task_1', 'task_2']);
});

test('whoever leaves makes room for one, and leaving twice for no more', async () => {
  for (const id of ['task_1', 'task_2']) await inFlight.add('ws_leaving', id, 2);
  await inFlight.remove('ws_leaving', 'task_1');
  await inFlight.remove('ws_leaving', 'task_1');
  expect(await inFlight.add('ws_leaving', 'task_3', 2)).toBe(true);
  expect(await inFlight.add('ws_leaving', 'task_4', 2)).toBe(false);
});

test('under a limit that was lowered nobody starts before enough have ended', async () => {
  for (const id of ['task_1', 'task_2', 'task_3']) await inFlight.add('ws_lowered', id, 3);
  await inFlight.remove('ws_lowered', 'task_1');
  expect(await inFlight.add('ws_lowered', 'task_4', 2)).toBe(false);
  await inFlight.remove('ws_lowered', 'task_2');
  expect(await inFlight.add('ws_lowered', 'task_4', 2)).toBe(true);
});

test('nobody is in flight at first and after the last has left, and workspaces do not mix', async () => {
  expect(await inFlight.list('ws_empty')).toEqual([]);
  await inFlight.remove('ws_empty', 'task_1');
  await inFlight.add('ws_empty', 'task_1', 1);
  expect(await inFlight.add('ws_other', 'task_2', 1)).toBe(true);
  await inFlight.remove('ws_empty', 'task_1');
  expect(await inFlight.list('ws_empty')).toEqual([]);
  expect(await inFlight.add('ws_empty', 'task_2', 1)).toBe(true);
});
