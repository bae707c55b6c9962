import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../lib/callbacks/retry-after.ts';
import { deliveryWindowMs, maxAttempts, nextAttemptAtMs } from '../../lib/callbacks/retry-schedule.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../lib/time.ts';

const middle = 0.5;

/** Delays after each failure until no further attempt follows. */
const delaysOf = (jitter: number): number[] => {
  const delays: number[] = [];
  let endedAtMs = 0;
  for (let attempts = 1; attempts <= 50; attempts += 1) {
    const next = nextAttemptAtMs({ attempts, eventCreatedAtMs: 0, endedAtMs }, jitter);
    if (next === undefined) break;
    delays.push(next - endedAtMs);
    endedAtMs = next;
  }
  return delays;
};

const designed = [5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
  (seconds) => seconds * secondMs,
);

describe('the schedule', () => {
  it('makes eleven attempts over 75 h 36 m', () => {
    expect(delaysOf(middle)).toEqual(designed);
    expect(maxAttempts).toBe(11);
    expect(designed.reduce((sum, delay) => sum + delay)).toBe(75 * hourMs + 36 * minuteMs + 5 * secondMs);
  });

  it('spreads each delay by at most a tenth', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (jitter) => {
        for (const [index, delay] of delaysOf(jitter).entries()) {
          expect(delay).toBeGreaterThanOrEqual((designed[index] ?? 0) * 0.9 - 1);
          expect(delay).toBeLessThanOrEqual((designed[index] ?? 0) * 1.1 + 1);
        }
        expect(delaysOf(jitter)).toHaveLength(10);
      }),
    );
  });

  it('counts from the end of the failed attempt', () => {
    const next = nextAttemptAtMs({ attempts: 1, eventCreatedAtMs: 0, endedAtMs: 15_000 }, middle);
    expect(next).toBe(20_000);
  });

  it('leaves an overloaded receiver alone for a minute at least', () => {
    const failed = { attempts: 1, eventCreatedAtMs: 0, endedAtMs: 0, minDelayMs: minuteMs };
    expect(nextAttemptAtMs(failed, middle)).toBe(minuteMs);
  });

  it('never ends the window early nor passes it', () => {
    const late = { attempts: 9, eventCreatedAtMs: 0, endedAtMs: deliveryWindowMs - hourMs };
    expect(nextAttemptAtMs(late, middle)).toBe(deliveryWindowMs);
    expect(nextAttemptAtMs({ ...late, endedAtMs: deliveryWindowMs }, middle)).toBeUndefined();
  });

  it.each([
    ['shorter than the schedule', 2 * secondMs, 5 * secondMs],
    ['longer than the schedule', 2 * minuteMs, 2 * minuteMs],
    ['of ten years', 3_650 * dayMs, dayMs],
  ])('answers a Retry-After %s', (_name, retryAfterMs, expected) => {
    const failed = { attempts: 1, eventCreatedAtMs: 0, endedAtMs: 0, retryAfterMs };
    expect(nextAttemptAtMs(failed, middle)).toBe(expected);
  });
});

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-11-22T12:00:00Z');
  it.each([
    ['120', 120_000],
    [' 120 ', 120_000],
    ['0', 0],
    ['315360000', 315_360_000_000],
    ['2147483647', 2_147_483_647_000],
    ['9999999999', 9_999_999_999_000],
    ['Sun, 22 Nov 2026 12:02:00 GMT', 120_000],
    ['Sunday, 22-Nov-26 12:02:00 GMT', 120_000],
    ['Sun Nov 22 12:02:00 2026', 120_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['120abc', undefined],
    ['soon', undefined],
    ['2026-11-22T12:02:00Z', undefined],
    [undefined, undefined],
  ])('reads %j as %j ms', (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected);
  });
});
