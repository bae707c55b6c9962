import { expect, it } from 'vitest';
import { surviveCrashes } from '../support/crashes.ts';

/** `npm run crash-test`: too long for every run of the tests. */
const plan = { seed: 20261122, tasks: 200, kills: 14, maxPeaceMs: 3_000 };

it(`loses none of ${plan.tasks} tasks in ${plan.kills} kills of the gateway and its data`, async () => {
  const { taskIds, statuses, tallies, eventIds, kills, money } = await surviveCrashes(plan);
  process.stdout.write(`killed: ${kills.join(', ')}\n`);
  expect(new Set(taskIds).size).toBe(plan.tasks);
  expect([...statuses.values()].filter((status) => status !== 'SUCCESS')).toEqual([]);
  expect([...tallies.values()].filter(({ asked, made }) => asked !== 1 || made !== 1)).toEqual([]);
  expect([...eventIds.values()].filter((ids) => ids.size !== 1)).toEqual([]);
  expect(eventIds.size).toBe(plan.tasks);
  expect(money).toEqual({ tasks: plan.tasks, ofTasks: money.booked, booked: money.ofTasks });
});
