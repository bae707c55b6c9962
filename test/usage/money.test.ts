import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd, multiply, parseMillionths } from '../../lib/money.ts';

describe('an amount of money', () => {
  it.each([
    ['0.14', 140_000],
    ['50', 50_000_000],
    ['0.000001', 1],
    ['0', 0],
  ])('%s is read exactly, and written as it was', (text, microUsd) => {
    expect(parseMillionths(text)).toBe(microUsd);
    expect(formatUsd(microUsd)).toBe(text);
  });

  it.each(['', '-1', '1.', '.5', '1e3', '0.0000001', ' 1', '1,5', '12345678901', 'NaN'])(
    '%j is none',
    (text) => {
      expect(parseMillionths(text)).toBeUndefined();
    },
  );

  it('survives being written and read, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (microUsd) => {
        expect(parseMillionths(formatUsd(microUsd))).toBe(microUsd);
      }),
    );
  });

  it('is rounded to the nearest micro-dollar where units are multiplied', () => {
    expect(multiply(2_500_000, 140_000)).toBe(350_000);
    expect(multiply(333_333, 98_001)).toBe(32_667);
  });
});
