import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondMs } from '../../lib/time.ts';
import { startMs } from '../support/a-task.ts';
import { freeSlotMs } from './liveness.ts';
import { type Burst, noTroubles, ordinaryTask, type SimulationPlan } from './plan.ts';
import { type RunReport, simulate } from './world.ts';

const day = 86_400;
const workspaces = 3;
const retrySeconds = freeSlotMs / secondMs;

/** Kling answers slowly and refuses everything for a while; several workspaces have a backlog. */
type Backlog = SimulationPlan & { createMs: number; slots: number; burst: Burst };

const aBacklog = (
  reasons: readonly Burst['reason'][],
  createTimesMs: readonly number[],
  count: number,
  acceptedAtSecond: (index: number, burst: Burst) => number,
  isCancelled: (index: number) => boolean = () => false,
): fc.Arbitrary<Backlog> =>
  fc
    .record({
      seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      slots: fc.integer({ min: 2, max: 8 }),
      createMs: fc.constantFrom(...createTimesMs),
      renderSeconds: fc.integer({ min: 30, max: 120 }),
      burst: fc.record({
        fromSecond: fc.integer({ min: 5, max: 60 }),
        seconds: fc.integer({ min: 5, max: 60 }),
        reason: fc.constantFrom(...reasons),
      }),
    })
    .map(({ renderSeconds, burst, ...drawn }) => ({
      ...drawn,
      burst,
      bursts: [burst],
      tasks: Array.from({ length: count }, (_, index) => ({
        ...ordinaryTask,
        renderSeconds,
        deadlineSeconds: day,
        events: 'none',
        workspaceId: `workspace-${index % workspaces}`,
        acceptedAtSecond: acceptedAtSecond(index, burst),
        cancelledAfterSeconds: isCancelled(index) ? 60 + 4 * index : null,
      })),
      troubles: { ...noTroubles, minutes: day / 60, webhooks: 'each' },
    }));

const backlogOf = 40;
/** All of it comes during the burst, to a Kling that has room for all. */
const tooFast = aBacklog(['rate'], [800, 5_000, 20_000], backlogOf, (index, { fromSecond, seconds }) =>
  Math.floor(fromSecond + (index * seconds) / backlogOf),
).map(({ slots: _any, ...plan }) => plan);
/** One a second, to a Kling that has room for a few. Some are called off while they wait. */
const fullHouse = aBacklog(
  ['rate', 'full'],
  [800, 3_000],
  36,
  (index) => index,
  (index) => index % 4 === 3,
);

const secondsAt = ({ starts }: RunReport) => starts.map(({ atMs }) => (atMs - startMs) / secondMs);
const endOf = ({ fromSecond, seconds }: Burst): number => fromSecond + seconds;

const ofAll = async <Plan extends SimulationPlan>(
  plans: fc.Arbitrary<Plan>,
  check: (plan: Plan, report: RunReport) => void,
) => {
  const property = fc.asyncProperty(plans, async (plan) => check(plan, await simulate(plan)));
  await fc.assert(property, { numRuns: 40 });
};

describe('a backlog of several workspaces, at a provider that takes its time over each create', () => {
  it('gets on as soon as the provider no longer finds creates too fast, and ever faster', async () => {
    await ofAll(tooFast, ({ burst, createMs }, report) => {
      const started = secondsAt(report);
      const [first = 0] = started;
      const createSeconds = createMs / secondMs;
      expect(started).toHaveLength(backlogOf);
      expect(first - endOf(burst)).toBeLessThan(retrySeconds + createSeconds);
      for (const [index, atSecond] of started.entries())
        expect(atSecond - (started[index - 1] ?? first)).toBeLessThan(createSeconds + 2);
      // One more with each round makes nine rounds for forty; one at a time would be forty.
      expect((started.at(-1) ?? 0) - first).toBeLessThan(11 * (createSeconds + 0.5));
    });
  });

  it('fills each slot that comes free in a full house within seconds', async () => {
    await ofAll(fullHouse, ({ burst, createMs, slots, tasks }, report) => {
      const started = secondsAt(report);
      const ended = report.starts
        .map(({ endedAtMs = 0 }) => (endedAtMs - startMs) / secondMs)
        .sort((one, other) => one - other);
      const createSeconds = createMs / secondMs;
      const settledAt = endOf(burst) + retrySeconds + (slots + 1) * createSeconds;
      expect(started.length).toBeGreaterThanOrEqual((tasks.length * 3) / 4);
      for (const [index, atSecond] of started.entries()) {
        const freeAt = ended[index - slots] ?? 0;
        // Where all end at once, a full house lets one after the other in until it has taken some.
        const oneByOneSeconds = slots * (createSeconds + 0.6);
        if (freeAt > settledAt) expect(atSecond - freeAt).toBeLessThan(oneByOneSeconds + 2);
      }
    });
  });
});
