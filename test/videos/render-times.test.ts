import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Task } from '../../lib/tasks/task.ts';
import { createRenderTimes } from '../../lib/videos/render-times.ts';
import { anEndedTask, startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { silentLog } from '../support/silent-log.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

const minute = 60_000;
/** One instance of a function, at a clock of its own. */
const anInstance = (table = cloud.table) => {
  const clock = { nowMs: startMs };
  const reads = { count: 0 };
  const renderTimes = createRenderTimes({
    table: {
      ...table,
      get(input) {
        reads.count += 1;
        return table.get(input);
      },
    },
    now: () => clock.nowMs,
    random: () => 0.5,
    log: silentLog,
  });
  return { ...renderTimes, clock, reads };
};
/** A task that has ended, and when it was last seen under way. */
const aRender = (renderKind: string, seconds: number): [Task, number] => [
  anEndedTask({
    renderKind,
    typicalSeconds: 100,
    endedAtMs: startMs + seconds * 1_000,
  }),
  startMs + (seconds - 10) * 1_000,
];

test('a new task is expected to take as long as others of its kind took', async () => {
  const poll = anInstance();
  for (let task = 0; task < 5; task += 1) await poll.learnFrom(...aRender('slow', 400));
  const api = anInstance();
  const { typicalSeconds, renderSpread } = await api.expect('slow', 100);
  expect(typicalSeconds).toBeGreaterThan(200);
  expect(renderSpread).toBeDefined();
  expect(await api.expect('another', 100)).toEqual({ typicalSeconds: 100 });
});

test('what a version without spreads has learned is believed, and learned on', async () => {
  await cloud.table.put({ Item: { pk: 'RENDER#old', sk: 'RENDER', medianSeconds: 150, samples: 40 } });
  expect(await anInstance().expect('old', 100)).toEqual({ typicalSeconds: 150 });
  await anInstance().learnFrom(...aRender('old', 150));
  const { typicalSeconds, renderSpread } = await anInstance().expect('old', 100);
  expect(typicalSeconds).toBeGreaterThan(140);
  expect(renderSpread).toBeLessThan(0.67);
});

test('what was read once is not read again for some minutes', async () => {
  const api = anInstance();
  await api.expect('known', 100);
  await api.expect('known', 100);
  expect(api.reads.count).toBe(1);
  api.clock.nowMs += 6 * minute;
  await api.expect('known', 100);
  expect(api.reads.count).toBe(2);
});

test('of a kind that is well known only some renders cost a read', async () => {
  const poll = anInstance();
  for (let task = 0; task < 110; task += 1) await poll.learnFrom(...aRender('often', 120));
  poll.clock.nowMs += 6 * minute;
  const before = poll.reads.count;
  for (let task = 0; task < 10; task += 1) await poll.learnFrom(...aRender('often', 120));
  expect(poll.reads.count - before).toBe(1);
});

test('where the table cannot be reached the catalogue serves, and a task ends all the same', async () => {
  const lost = anInstance({ ...cloud.table, get: () => Promise.reject(new Error('no route to the table')) });
  expect(await lost.expect('any', 75)).toEqual({ typicalSeconds: 75 });
  await expect(lost.learnFrom(...aRender('any', 400))).resolves.toBeUndefined();
});
