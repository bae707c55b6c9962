import { describe, expect, it } from 'vitest';
import { defaultSpread, nextPollAtMs, previousPollAtMs } from '../../lib/videos/poll-schedule.ts';
import { startMs } from '../support/a-task.ts';

const second = 1_000;

/** When a render is looked at, in seconds from its submission, until it has ended. */
const pollsUntil = (
  renderSeconds: number,
  typicalSeconds: number,
  renderSpread = defaultSpread,
): number[] => {
  const task = { submittedAtMs: startMs, typicalSeconds, renderSpread };
  const polls: number[] = [];
  for (let atMs = nextPollAtMs(task, startMs); ; atMs = nextPollAtMs(task, atMs)) {
    polls.push((atMs - startMs) / second);
    if (atMs >= startMs + renderSeconds * second) return polls;
  }
};

/** Render times at equal steps of probability, log-normal as the past ones were. */
const renderTimes = (medianSeconds: number, sigma: number, count = 2_000): number[] => {
  const normalQuantile = (share: number): number => {
    let [low, high] = [-8, 8];
    while (high - low > 1e-6) {
      const middle = (low + high) / 2;
      if (normalShare(middle) < share) low = middle;
      else high = middle;
    }
    return low;
  };
  return Array.from(
    { length: count },
    (_, index) => medianSeconds * Math.exp(sigma * normalQuantile((index + 0.5) / count)),
  );
};

/** Abramowitz and Stegun 26.2.17. */
const normalShare = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z > 0 ? 1 - tail : tail;
};

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('when a render is looked at', () => {
  it('stands at the same quantiles of the render time whatever the model', () => {
    expect(pollsUntil(119, 60).map(Math.round)).toEqual([34, 54, 72, 90, 107, 126]);
    expect(pollsUntil(590, 300).map(Math.round)).toEqual([171, 271, 359, 448, 537, 631]);
  });

  it.each([60, 150, 400])('takes some 3.7 looks a task at a median of %i s', (median) => {
    const polls = renderTimes(median, 0.67).map((seconds) => pollsUntil(seconds, median).length);
    expect(mean(polls)).toBeGreaterThan(3.5);
    expect(mean(polls)).toBeLessThan(3.9);
  });

  it('learns of an end after some ten seconds at a median of a minute, near the best there is', () => {
    const delays = renderTimes(60, 0.67).map((seconds) => (pollsUntil(seconds, 60).at(-1) ?? 0) - seconds);
    expect(mean(delays)).toBeGreaterThan(9);
    expect(mean(delays)).toBeLessThan(10.2);
  });

  it.each([0.12, 0.25, 0.67, 1])(
    'takes as many looks and learns of it sooner, the surer the time: spread %d',
    (spread) => {
      const renders = renderTimes(60, spread);
      const polls = renders.map((seconds) => pollsUntil(seconds, 60, spread));
      expect(mean(polls.map(({ length }) => length))).toBeGreaterThan(3);
      expect(mean(polls.map(({ length }) => length))).toBeLessThan(3.9);
      const delays = polls.map((each, index) => (each.at(-1) ?? 0) - (renders[index] ?? 0));
      expect(mean(delays)).toBeLessThan(19 * spread);
    },
  );

  it('is as usual for a task of which no spread is known', () => {
    const task = { submittedAtMs: startMs, typicalSeconds: 60 };
    expect(nextPollAtMs(task, startMs)).toBe(nextPollAtMs({ ...task, renderSpread: defaultSpread }, startMs));
  });

  it('is never twice within two seconds, nor ten minutes apart', () => {
    for (const typicalSeconds of [0, 0.1, 1, 6, 75, 400, 3_600])
      for (const spread of [0.12, 0.67, 1]) {
        const polls = [0, ...pollsUntil(86_400, typicalSeconds, spread)];
        const gaps = polls.slice(1).map((at, index) => at - (polls[index] ?? 0));
        expect(Math.min(...gaps)).toBeGreaterThan(1.999);
        expect(Math.max(...gaps)).toBeLessThan(600.001);
      }
  });

  it('does not make up for looks that were missed', () => {
    const task = { submittedAtMs: startMs, typicalSeconds: 60 };
    const atMs = nextPollAtMs(task, startMs + 100 * second);
    expect((atMs - startMs) / second).toBeCloseTo(107.47);
  });

  it('remembers when the schedule last had a look', () => {
    const task = { submittedAtMs: startMs, typicalSeconds: 60 };
    expect(previousPollAtMs(task, startMs + second)).toBe(startMs);
    expect(previousPollAtMs(task, startMs + 60 * second)).toBe(startMs + 54_263);
  });
});
