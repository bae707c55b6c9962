import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTroubles, ordinaryTask, type SimulationPlan, simulationPlan } from './plan.ts';
import type { CallFate } from './workers.ts';
import { simulate } from './world.ts';

/** 500 schedules, in parts that each take a second or two. */
const parts = Array.from({ length: 10 }, (_, part) => part + 1);
const schedulesInPart = 50;
const ordinary: SimulationPlan = {
  seed: 1,
  tasks: [{ ...ordinaryTask, events: 'all' }],
  troubles: noTroubles,
};

/** The ordinary run, with these calls going wrong. */
const withFates = (fates: Record<number, CallFate>) =>
  simulate(ordinary, { fateOfCall: (call) => fates[call] ?? 'answers' });

const { calls: callsOfOrdinaryRun } = await simulate(ordinary);
const eachCall = Array.from({ length: callsOfOrdinaryRun }, (_, index) => index + 1);

describe('every task ends, is submitted once, and its event is delivered', () => {
  it.each(parts)('whatever crashes, repeats, comes late or gets lost, in 50 schedules, part %i', async () => {
    await fc.assert(
      fc.asyncProperty(simulationPlan, async (plan) => {
        await simulate(plan);
      }),
      { numRuns: schedulesInPart },
    );
  });

  it.each<CallFate>(['dies-before', 'dies-after', 'fails-before', 'fails-after'])(
    'at whichever call of an ordinary run a worker %s it takes effect',
    async (fate) => {
      for (const call of eachCall) await withFates({ [call]: fate });
    },
  );

  it.each(eachCall)('at call %i of an ordinary run and whichever later one workers die', async (first) => {
    for (let second = first + 1; second <= callsOfOrdinaryRun + 10; second += 1)
      await withFates({ [first]: 'dies-after', [second]: 'dies-before' });
  });

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
