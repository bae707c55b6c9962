import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskIdAt } from '../../lib/tasks/line.ts';
import { createWaitingLine } from '../../lib/tasks/waiting-line.ts';
import { startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** One instance of a function, at a clock of its own. */
const anInstance = () => {
  const clock = { nowMs: startMs };
  const line = createWaitingLine({
    table: cloud.table,
    now: () => clock.nowMs,
  });
  return { ...line, clock };
};
const waitingIn = async (name: string) => {
  const { places } = await anInstance().standing(name);
  return places.map(taskIdAt);
};

test('workspaces take turns, however many tasks one of them has waiting', async () => {
  const { join } = anInstance();
  for (const id of ['task_a1', 'task_a2', 'task_a3']) await join('turns', 'ws_a', id);
  await join('turns', 'ws_b', 'task_b1');
  await join('turns', 'ws_b', 'task_b2');
  expect(await waitingIn('turns')).toEqual(['task_a1', 'task_b1', 'task_a2', 'task_b2', 'task_a3']);
});

test('whoever comes later starts with the turn of the first, not behind all', async () => {
  const { join, leave, first } = anInstance();
  const places = [];
  for (const id of ['task_a1', 'task_a2', 'task_a3']) places.push(await join('later', 'ws_a', id));
  for (const place of places.slice(0, 1)) await leave('later', place);
  await join('later', 'ws_b', 'task_b1');
  expect(await first('later')).toBe(places[1]);
  expect(await waitingIn('later')).toEqual(['task_a2', 'task_b1', 'task_a3']);
});

test('twenty that join at once get twenty turns', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `task_${index}`);
  const places = await Promise.all(ids.map((id) => anInstance().join('at once', 'ws_a', id)));
  expect(new Set(places.map((place) => place.slice(0, 15))).size).toBe(20);
});

test('each model has a line of its own, and all are known to the sweep', async () => {
  const { join, first, lines } = anInstance();
  await join('one model', 'ws_a', 'task_1');
  expect(await first('another model')).toBeUndefined();
  expect(await lines()).toContain('one model');
});

test('who is first is known for two seconds without a read', async () => {
  const { glance, clock } = anInstance();
  expect(await glance('glances')).toBeUndefined();
  const place = await anInstance().join('glances', 'ws_a', 'task_1');
  expect(await glance('glances')).toBeUndefined();
  clock.nowMs += 2_000;
  expect(await glance('glances')).toBe(place);
});

test('the pace is learned from starts, whoever saw them', async () => {
  const { join, recordStart, clock } = anInstance();
  const place = await join('paced', 'ws_a', 'task_1');
  await recordStart('paced', place);
  clock.nowMs += 8_000;
  await recordStart('paced', place);
  const { pace, isWhole } = await anInstance().standing('paced');
  expect(pace).toMatchObject({ gapMs: 8_000, samples: 1 });
  expect(isWhole).toBe(true);
});
