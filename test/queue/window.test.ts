import { describe, expect, it } from 'vitest';
import {
  afterAcceptance,
  afterEnd,
  afterRefusal,
  type Entry,
  earliestAskMs,
  initialWindow,
  isStrangeRefusal,
  maxAsking,
  retryDelayMs,
  type Window,
  whoMayAsk,
} from '../../lib/queue/window.ts';

const nowMs = 1_800_000_000_000;
const second = 1_000;
const accept = (count: number, window: Window = initialWindow): Window =>
  count === 0 ? window : accept(count - 1, afterAcceptance(window, nowMs));
const open: Window = { ...initialWindow, size: 10, closedAtMs: nowMs - 60 * second };
const anEntry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id,
  askingUntilMs: 0,
  isAside: false,
  writtenAtMs: nowMs,
  ...more,
});

describe('how many may ask at once', () => {
  it('begins with one, and grows by one with each acceptance', () => {
    expect([0, 1, 2, 7].map((count) => maxAsking(accept(count)))).toEqual([1, 2, 3, 8]);
  });

  it('grows slowly above what was found too fast', () => {
    const closed = afterRefusal(open, 'rate', nowMs - second, nowMs);
    expect(maxAsking(closed)).toBe(8);
    expect(maxAsking(accept(8, closed))).toBe(8);
    expect(maxAsking(accept(9, closed))).toBe(9);
  });

  it('is one where the house is full, and one for the first acceptance after that', () => {
    const closed = afterRefusal(open, 'full', nowMs - second, nowMs);
    expect([0, 1, 2].map((count) => maxAsking(accept(count, closed)))).toEqual([1, 1, 2]);
  });

  it('shrinks once for all that asked at the same time', () => {
    const closed = afterRefusal(open, 'rate', nowMs - 800, nowMs);
    expect(afterRefusal(closed, 'rate', nowMs - 700, nowMs + 100)).toBe(closed);
    expect(afterRefusal(closed, 'rate', nowMs + 2 * second, nowMs + 3 * second).size).toBeCloseTo(6.4);
  });

  it('never passes a hundred', () => {
    expect(maxAsking(accept(200))).toBe(100);
  });
});

describe('a pause for all', () => {
  const pauseMs = ({ pausedUntilMs }: Window, atMs: number) => Math.max(0, pausedUntilMs - atMs);

  it('follows the second refusal in a row for asking too fast, and grows', () => {
    let window = open;
    const pauses = [1, 2, 3, 4].map((times) => {
      const atMs = nowMs + times * 30 * second;
      window = afterRefusal(window, 'rate', atMs - second, atMs);
      return pauseMs(window, atMs);
    });
    expect(pauses).toEqual([0, 1_000, 2_000, 4_000]);
  });

  it('ends with an acceptance', () => {
    const paused = afterRefusal(open, 'unavailable', nowMs - second, nowMs);
    expect(pauseMs(paused, nowMs)).toBe(5_000);
    expect(pauseMs(afterAcceptance(paused, nowMs), nowMs)).toBe(0);
  });

  it('is none where the house is full, since each end may let one in', () => {
    expect(pauseMs(afterRefusal(open, 'full', nowMs - second, nowMs), nowMs)).toBe(0);
  });
});

it.each([
  ['rate', [1, 2, 4, 8, 16, 20, 20]],
  ['full', [5, 10, 20, 20]],
  ['unavailable', [5, 10, 20, 20]],
] as const)('after refusals for %s, the first tries again by itself after %j seconds', (reason, seconds) => {
  expect(seconds.map((_, index) => retryDelayMs(reason, index + 1) / second)).toEqual(seconds);
});

describe('who may ask', () => {
  it('is as many of the first as the window is wide', () => {
    const entries = ['1', '2', '3'].map((id) => anEntry(id));
    expect(whoMayAsk(entries, { ...open, size: 2 })).toEqual(entries.slice(0, 2));
  });

  it('leaves out those that stand aside, except for the very first', () => {
    const aside = { isAside: true };
    const entries = [anEntry('1', aside), anEntry('2', aside), anEntry('3'), anEntry('4')];
    expect(whoMayAsk(entries, { ...open, size: 1 }).map(({ id }) => id)).toEqual(['1', '3']);
  });
});

describe('a refusal for want of room', () => {
  const full = afterRefusal({ ...open, openedAtMs: nowMs }, 'full', nowMs - second, nowMs);
  const ended = afterEnd(full, true, nowMs);

  it.each([
    ['is to be expected where nothing has ended', full, 60, false],
    ['is strange where a task has ended', ended, 60, true],
    ['is to be expected where another has the slot', afterAcceptance(ended, nowMs), 60, false],
    [
      'is to be expected after the end of a task that was never there',
      afterEnd(full, false, nowMs),
      60,
      false,
    ],
    ['is strange where nothing has ended for longer than a render takes', full, 400, true],
  ])('%s', (_case, window, seconds, isStrange) => {
    expect(isStrangeRefusal(window, nowMs - 3_600 * second, nowMs + seconds * second)).toBe(isStrange);
  });

  it('is to be expected for a task that has just come', () => {
    expect(isStrangeRefusal(initialWindow, nowMs, nowMs + 60 * second)).toBe(false);
  });
});

describe('whoever was refused', () => {
  const refused = { askedAtMs: nowMs, askAgainAtMs: nowMs + 20 * second };
  const ended = afterEnd(open, true, nowMs + 2 * second);

  it('asks again when its time has come, however often it is woken', () => {
    expect(earliestAskMs(refused, { isAside: false, isFirst: true }, open)).toBe(refused.askAgainAtMs);
  });

  it('asks at once when something has come free', () => {
    expect(earliestAskMs(refused, { isAside: false, isFirst: true }, ended)).toBeLessThanOrEqual(nowMs);
  });

  it('and stands aside, asks then only if it is the first, and five seconds after it asked', () => {
    expect(earliestAskMs(refused, { isAside: true, isFirst: true }, ended)).toBe(nowMs + 5 * second);
    expect(earliestAskMs(refused, { isAside: true, isFirst: false }, ended)).toBe(refused.askAgainAtMs);
  });
});
