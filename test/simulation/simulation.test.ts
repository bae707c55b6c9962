import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTroubles, ordinaryTask, type SimulationPlan, simulationPlan } from './plan.ts';
import type { CallFate } from './workers.ts';
import { simulate } from './world.ts';

const schedules = 500;
const ordinary: SimulationPlan = {
  seed: 1,
  tasks: [{ ...ordinaryTask, events: 'all' }],
  troubles: noTroubles,
};

/** The ordinary run, with these calls going wrong. */
const withFates = (fates: Record<number, CallFate>) =>
  simulate(ordinary, { fateOfCall: (call) => fates[call] ?? 'answers' });

describe('every task ends, is submitted once, and its event is delivered', () => {
  it(`whatever crashes, repeats, comes late or gets lost, in ${schedules} schedules`, async () => {
    await fc.assert(
      fc.asyncProperty(simulationPlan, async (plan) => {
        await simulate(plan);
      }),
      { numRuns: schedules },
    );
  }, 180_000);

  it.each<CallFate>(['dies-before', 'dies-after', 'fails-before', 'fails-after'])(
    'at whichever call of an ordinary run a worker %s it takes effect',
    async (fate) => {
      const { calls } = await simulate(ordinary);
      for (let call = 1; call <= calls; call += 1) await withFates({ [call]: fate });
    },
  );

  it('at whichever two calls of an ordinary run workers die', async () => {
    const { calls } = await simulate(ordinary);
    for (let first = 1; first <= calls; first += 1)
      for (let second = first + 1; second <= calls + 10; second += 1)
        await withFates({ [first]: 'dies-after', [second]: 'dies-before' });
  }, 60_000);

  it('in an ordinary run without a second look at anything', async () => {
    const { calls, queries } = await simulate(ordinary);
    expect(queries).toBe(3);
    expect(calls).toBeLessThan(65);
  });

  it('by a single look while each webhook arrives', async () => {
    const troubles = { ...noTroubles, minutes: 30, webhooks: 'each' } as const;
    const { queries } = await simulate({ ...ordinary, tasks: [ordinaryTask], troubles });
    expect(queries).toBe(1);
  });
});
