import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cappedPlan, noTroubles, ordinaryTask } from './plan.ts';
import { simulate } from './world.ts';

it.each([1, 2, 3, 4])(
  'a cap holds, and what is committed is what was spent and is reserved, in 50 schedules, part %i',
  async () => {
    await fc.assert(
      fc.asyncProperty(cappedPlan, async (plan) => {
        await simulate(plan);
      }),
      { numRuns: 50 },
    );
  },
);

it('two of three tasks are made where there is room for two', async () => {
  const tasks = [0, 1, 2].map((acceptedAtSecond) => ({ ...ordinaryTask, acceptedAtSecond }));
  const { starts } = await simulate({ seed: 1, tasks, troubles: noTroubles, capMicroUsd: 700_000 });
  expect(starts).toHaveLength(2);
});
