import { describe, expect, it } from 'vitest';
import { nextPoll } from '../../lib/tasks/poll-schedule.ts';
import { expectedSeconds, learn, observe, type RenderTime } from '../../lib/tasks/render-time.ts';
import { aSubmittedTask, startMs } from '../support/a-task.ts';

const at = (seconds: number) => ({ afterSeconds: seconds, untilSeconds: seconds });

/** Numbers from 0 to 1 that are the same at each run. */
const luckFrom = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed / 2 ** 31;
};
const logNormal = (median: number, sigma: number, luck: () => number) =>
  median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - luck())) * Math.cos(2 * Math.PI * luck()));

/** When the poll comes that finds a render of that length done, and when the one before it was. */
const detect = (renderSeconds: number, typicalSeconds: number) => {
  let nowMs = 0;
  let last = 0;
  for (let poll = 0; nowMs < renderSeconds * 1_000; poll += 1) {
    last = nowMs;
    nowMs = nextPoll({ submittedAtMs: 0, typicalSeconds }, poll, nowMs).atMs;
  }
  return { afterSeconds: last / 1_000, untilSeconds: nowMs / 1_000 };
};

describe('a learned median', () => {
  it.each([30, 60, 120, 400])('comes near %d s from a catalogue that says 120 s', (median) => {
    const luck = luckFrom(median);
    let known: RenderTime | undefined;
    for (let task = 0; task < 400; task += 1) {
      const typicalSeconds = expectedSeconds(known, 120);
      known = learn(known, typicalSeconds, detect(logNormal(median, 0.67, luck), typicalSeconds));
    }
    expect((known?.medianSeconds ?? 0) / median).toBeGreaterThan(0.75);
    expect((known?.medianSeconds ?? 0) / median).toBeLessThan(1.35);
  });

  it('is moved no further by a render of ten hours than by one that is a little slow', () => {
    const known = { medianSeconds: 100, samples: 500 };
    expect(learn(known, 100, at(36_000))).toEqual(learn(known, 100, at(101)));
    expect(learn(known, 100, at(36_000)).medianSeconds).toBeCloseTo(103);
  });

  it('stays when the polls cannot tell on which side of it the render lies', () => {
    const known = { medianSeconds: 100, samples: 20 };
    const moved = learn(known, 100, { afterSeconds: 90, untilSeconds: 120 });
    expect(moved).toEqual({ medianSeconds: 100, samples: 21 });
  });

  it('is not believed when it is far from the catalogue', () => {
    expect(expectedSeconds({ medianSeconds: 5_000, samples: 9 }, 100)).toBe(800);
    expect(expectedSeconds({ medianSeconds: 1, samples: 9 }, 100)).toBe(13);
  });

  it('is the catalogue’s before anything was learned', () => {
    expect(expectedSeconds(undefined, 75)).toBe(75);
  });
});

describe('what a task teaches', () => {
  it('is that its video was ready between its last two polls', () => {
    const task = aSubmittedTask({ typicalSeconds: 100, submittedAtMs: startMs });
    expect(observe({ ...task, status: 'SUCCESS', endedAtMs: startMs + 120_000 })).toEqual({
      afterSeconds: expect.closeTo(90),
      untilSeconds: 120,
    });
  });

  it('is nothing if it failed', () => {
    const task = aSubmittedTask({ status: 'FAILURE', submittedAtMs: startMs, endedAtMs: startMs + 5_000 });
    expect(observe(task)).toBeUndefined();
  });
});
