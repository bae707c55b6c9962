import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { noTroubles, ordinaryTask, type SimulationPlan, type TaskPlan } from './plan.ts';
import { simulate } from './world.ts';

const day = 86_400;
const ofMany: TaskPlan = { ...ordinaryTask, workspaceId: 'many', deadlineSeconds: day, events: 'none' };
const newcomerAtSecond = 200;

/** One workspace has many tasks waiting when another comes with its first. */
const crowd: fc.Arbitrary<SimulationPlan & { slots: number }> = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    slots: fc.integer({ min: 1, max: 4 }),
    renderSeconds: fc.integer({ min: 20, max: 240 }),
    copiedMessage: fc.constantFrom(0, 200),
    together: fc.boolean(),
    webhooks: fc.constantFrom('none', 'each', 'some', 'storm'),
  })
  .map(({ seed, slots, renderSeconds, copiedMessage, together, webhooks }) => {
    const tasks = Array.from({ length: 30 }, (_, index) => ({
      ...ofMany,
      renderSeconds,
      acceptedAtSecond: together ? 0 : index,
    }));
    const newcomer = { ...ofMany, renderSeconds, workspaceId: 'new', acceptedAtSecond: newcomerAtSecond };
    const troubles = { ...noTroubles, minutes: day / 60, copiedMessage, webhooks } as const;
    return { seed, slots, tasks: [...tasks, newcomer], troubles };
  });

const inCrowds = async (check: (plan: SimulationPlan & { slots: number }) => Promise<void>) =>
  fc.assert(fc.asyncProperty(crowd, check), { numRuns: 20 });

describe('the queue for the slots of the provider', () => {
  it('lets the first task of another workspace in after a few of those that waited', async () => {
    await inCrowds(async (plan) => {
      const { starts } = await simulate(plan);
      const hasComeMs = startMs + (newcomerAtSecond + 1) * secondMs;
      const itStarts = starts.findIndex(({ workspaceId }) => workspaceId === 'new');
      const before = starts.slice(0, itStarts).filter(({ atMs }) => atMs > hasComeMs);
      expect(before.length).toBeLessThanOrEqual(2);
    });
  });

  it('asks the provider in vain a few times a minute, however many wait', async () => {
    await inCrowds(async (plan) => {
      const { starts, refusals } = await simulate(plan);
      expect(starts).toHaveLength(plan.tasks.length);
      const settledMs = startMs + minuteMs;
      const minutes = ((starts.at(-1)?.atMs ?? 0) - settledMs) / minuteMs;
      const later = refusals.filter((atMs) => atMs > settledMs);
      // The first tries of each task that becomes first, then one each 20 s.
      expect(later.length).toBeLessThanOrEqual(1.25 * (4 * plan.tasks.length + 3 * minutes) + 5);
    });
  });

  it('leaves no slot empty for long', async () => {
    await inCrowds(async (plan) => {
      const { starts } = await simulate(plan);
      const rounds = Math.ceil(plan.tasks.length / plan.slots);
      const renderSeconds = plan.tasks[0]?.renderSeconds ?? 0;
      const endMs = starts.at(-1)?.atMs ?? 0;
      expect((endMs - startMs) / secondMs).toBeLessThan(newcomerAtSecond + rounds * (renderSeconds + 30));
    });
  });
});
