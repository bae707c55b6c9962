import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { noTroubles, ordinaryTask, type SimulationPlan, type TaskPlan } from './plan.ts';
import { simulate } from './world.ts';

const day = 86_400;
const ofMany: TaskPlan = { ...ordinaryTask, workspaceId: 'many', deadlineSeconds: day, events: 'none' };
const newcomerAtSecond = 200;

type Crowd = { plan: SimulationPlan; most: number };

/** A workspace orders more than it may have in flight; another, without a limit, comes with its first. */
const crowd: fc.Arbitrary<Crowd> = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    most: fc.integer({ min: 1, max: 4 }),
    renderSeconds: fc.integer({ min: 20, max: 240 }),
    copiedMessage: fc.constantFrom(0, 200),
    webhooks: fc.constantFrom('none', 'some'),
  })
  .map(({ seed, most, renderSeconds, copiedMessage, webhooks }) => {
    const tasks = Array.from({ length: 20 }, (_, index) => ({
      ...ofMany,
      renderSeconds,
      acceptedAtSecond: 5 * index,
    }));
    const newcomer = { ...ofMany, renderSeconds, workspaceId: 'new', acceptedAtSecond: newcomerAtSecond };
    const troubles = { ...noTroubles, minutes: day / 60, copiedMessage, webhooks } as const;
    const plan = { seed, tasks: [...tasks, newcomer], troubles, maxInFlight: { many: most } };
    return { plan, most };
  });

const inCrowds = async (check: (crowd: Crowd) => Promise<void>) =>
  fc.assert(fc.asyncProperty(crowd, check), { numRuns: 30 });

describe('a workspace that may have only so many videos in flight', () => {
  it('has them made in the order in which they were asked for', async () => {
    await inCrowds(async ({ plan }) => {
      const { starts } = await simulate(plan);
      const order = starts.filter(({ workspaceId }) => workspaceId === 'many').map((start) => start.task);
      expect(order).toEqual(plan.tasks.slice(0, -1));
    });
  });

  it('has the next one made within seconds of an end', async () => {
    await inCrowds(async ({ plan, most }) => {
      const { starts } = await simulate(plan);
      const own = starts.filter(({ workspaceId }) => workspaceId === 'many');
      const ends = own.map(({ endedAtMs = 0 }) => endedAtMs).sort((one, other) => one - other);
      for (const [index, { atMs, task }] of own.entries()) {
        const hasRoomMs = Math.max(ends[index - most] ?? 0, startMs + task.acceptedAtSecond * secondMs);
        expect((atMs - hasRoomMs) / secondMs).toBeLessThan(3);
      }
    });
  });

  it('does not keep another waiting', async () => {
    await inCrowds(async ({ plan }) => {
      const { starts } = await simulate(plan);
      const newcomer = starts.find(({ workspaceId }) => workspaceId === 'new');
      expect(((newcomer?.atMs ?? 0) - startMs) / secondMs).toBeLessThan(newcomerAtSecond + 2);
    });
  });
});
