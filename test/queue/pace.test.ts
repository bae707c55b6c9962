import { expect, test } from 'vitest';
import { estimatedStartMs, learnPace, type Pace } from '../../lib/queue/pace.ts';

const nowMs = 1_800_000_000_000;
const afterStarts = (sinceMs: number, ...startsMs: number[]): Pace | undefined =>
  startsMs.reduce<Pace | undefined>((pace, atMs) => learnPace(pace, sinceMs, atMs), undefined);

test('the pace is the mean gap between starts at first', () => {
  expect(afterStarts(0, 10_000, 14_000, 22_000)).toEqual({ gapMs: 6_000, samples: 2, lastStartMs: 22_000 });
});

test('the time in which nobody waited says nothing', () => {
  const pace = afterStarts(0, 10_000, 14_000);
  expect(pace && learnPace(pace, 90_000, 91_000)).toEqual({ gapMs: 4_000, samples: 1, lastStartMs: 91_000 });
});

test('a start is unknown until two have followed each other', () => {
  expect(estimatedStartMs(undefined, 1, nowMs)).toBeUndefined();
  expect(estimatedStartMs(afterStarts(0, nowMs), 1, nowMs)).toBeUndefined();
});

test('the task at a position starts so many gaps after the last start, never in the past', () => {
  const pace = { gapMs: 4_000, samples: 3, lastStartMs: nowMs };
  expect(estimatedStartMs(pace, 3, nowMs)).toBe(nowMs + 12_000);
  expect(estimatedStartMs(pace, 1, nowMs + 60_000)).toBe(nowMs + 60_000);
});
