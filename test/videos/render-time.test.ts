import { describe, expect, it } from 'vitest';
import { failTask } from '../../lib/tasks/settlement.ts';
import { nextPollAtMs } from '../../lib/videos/poll-schedule.ts';
import { expectedRender, learn, observe, type RenderTime } from '../../lib/videos/render-time.ts';
import { anEndedTask, aRunningTask, startMs } from '../support/a-task.ts';

const at = (seconds: number) => ({ afterSeconds: seconds, untilSeconds: seconds });

/** Numbers from 0 to 1 that are the same at each run. */
const randomFrom = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed / 2 ** 31;
};
const logNormal = (median: number, spread: number, random: () => number) =>
  median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));

/** When the poll comes that finds a render of that length done, and when the one before it was. */
const detect = (renderSeconds: number, expected: ReturnType<typeof expectedRender>) => {
  let nowMs = 0;
  let last = 0;
  while (nowMs < renderSeconds * 1_000) {
    last = nowMs;
    nowMs = nextPollAtMs({ submittedAtMs: 0, ...expected }, nowMs);
  }
  return { afterSeconds: last / 1_000, untilSeconds: nowMs / 1_000 };
};

/** What is known of a kind after so many of its renders, each seen through the polls that it got. */
const learnFrom = (renders: number[], catalogueSeconds: number, before?: RenderTime) =>
  renders.reduce<RenderTime | undefined>((known, seconds) => {
    const expected = expectedRender(known, catalogueSeconds);
    return learn(known, expected.typicalSeconds, detect(seconds, expected));
  }, before);

const rendersOf = (count: number, median: number, spread: number) => {
  const random = randomFrom(median);
  return Array.from({ length: count }, () => logNormal(median, spread, random));
};

describe('what is learned of a kind of render', () => {
  it.each([
    [30, 0.67],
    [60, 0.25],
    [120, 0.4],
    [400, 0.67],
  ])('comes near a median of %d s and a spread of %d from a catalogue that says 120 s', (median, spread) => {
    const known = learnFrom(rendersOf(100, median, spread), 120);
    expect((known?.medianSeconds ?? 0) / median).toBeGreaterThan(0.75);
    expect((known?.medianSeconds ?? 0) / median).toBeLessThan(1.35);
    expect((known?.spread ?? 0) / spread).toBeGreaterThan(0.7);
    expect((known?.spread ?? 0) / spread).toBeLessThan(1.3);
  });

  it('follows a provider that becomes twice as slow', () => {
    const before = learnFrom(rendersOf(200, 60, 0.25), 75);
    const after = learnFrom(rendersOf(100, 120, 0.25), 75, before);
    expect((after?.medianSeconds ?? 0) / 120).toBeGreaterThan(0.8);
  });

  it('is moved no further by a render of ten hours than by one that is slow', () => {
    const known = { medianSeconds: 100, spread: 0.5, samples: 500 };
    expect(learn(known, 100, at(36_000))).toEqual(learn(known, 100, at(310)));
    expect(learn(known, 100, at(36_000)).medianSeconds).toBeLessThan(104);
    expect(learn(known, 100, at(36_000)).spread).toBeLessThan(0.54);
  });

  it('takes a render to have ended in the middle of the time in which it may have', () => {
    const known = { medianSeconds: 100, spread: 0.5, samples: 20 };
    const known100 = learn(known, 100, { afterSeconds: 80, untilSeconds: 125 });
    expect(known100.medianSeconds).toBeCloseTo(100);
    expect(known100.spread).toBeLessThan(0.5);
  });

  it.each([1, 10_000])('never spreads less or more than renders do, were all of %d s', (seconds) => {
    const known = learnFrom(
      Array.from({ length: 300 }, () => seconds),
      100,
    );
    expect(known?.spread).toBeGreaterThanOrEqual(0.12);
    expect(known?.spread).toBeLessThanOrEqual(1);
  });

  it('begins anew where only a median was known', () => {
    const known = learn({ medianSeconds: 100, samples: 900 }, 100, at(100));
    expect(known).toMatchObject({ medianSeconds: 100, samples: 1 });
    expect(known.spread).toBeLessThan(0.67);
  });
});

describe('what is expected', () => {
  it('is not believed when it is far from the catalogue', () => {
    expect(expectedRender({ medianSeconds: 5_000, samples: 9 }, 100).typicalSeconds).toBe(800);
    expect(expectedRender({ medianSeconds: 1, samples: 9 }, 100).typicalSeconds).toBe(13);
  });

  it('is the catalogue’s before anything was learned', () => {
    expect(expectedRender(undefined, 75)).toEqual({ typicalSeconds: 75 });
  });

  it('is said without a spread where only the median was learned', () => {
    expect(expectedRender({ medianSeconds: 80, samples: 9 }, 75)).toEqual({ typicalSeconds: 80 });
  });
});

describe('what a task teaches', () => {
  it('is that its video was ready between its last two looks', () => {
    expect(observe(anEndedTask({ endedAtMs: startMs + 120_000 }), startMs + 90_000)).toEqual({
      afterSeconds: 90,
      untilSeconds: 120,
    });
  });

  it('is nothing if it failed', () => {
    const task = failTask(aRunningTask(), { code: 'generation_failed', reason: 'no' }, startMs + 5_000);
    expect(observe(task, startMs)).toBeUndefined();
  });
});
