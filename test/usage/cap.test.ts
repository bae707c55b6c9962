import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCap, showCap } from '../../lib/cap.ts';
import { periodAt } from '../../lib/usage/budget-period.ts';

test.each([
  ['50/day', { microUsd: 50_000_000, per: 'day' }],
  ['500/month', { microUsd: 500_000_000, per: 'month' }],
  ['0.000001/day', { microUsd: 1, per: 'day' }],
  [' 1200.5/month ', { microUsd: 1_200_500_000, per: 'month' }],
])('"%s" is a cap', (text, cap) => {
  expect(readCap(text)).toEqual(cap);
});

test.each([
  ['50', /period, such as 50\/day/],
  ['50/week', /period is day or month, not "week"/],
  ['50/day/day', /such as 50\/day/],
  ['-5/day', /decimal number/],
  ['5,50/day', /decimal number/],
  ['1e3/day', /decimal number/],
  ['$5/day', /decimal number/],
  ['0.0000001/day', /six digits/],
  ['0/day', /more than 0.*disable its keys/],
  ['99999999999/day', /decimal number/],
  ['10000001/month', /10000000 at most/],
  ['', /such as 50\/day/],
])('"%s" is no cap, and it says why', (text, why) => {
  expect(readCap(text)).toMatch(why);
});

test('what a cap is shown as is read as the same cap', () => {
  fc.assert(
    fc.property(
      fc.record({
        microUsd: fc.integer({ min: 1, max: 10_000_000_000_000 }),
        per: fc.constantFrom('day' as const, 'month' as const),
      }),
      (cap) => {
        expect(readCap(showCap(cap))).toEqual(cap);
      },
    ),
  );
});

test.each([
  ['day', '2026-11-26T23:59:59.999Z', '2026-11-26', '2026-11-27T00:00:00Z'],
  ['day', '2026-11-27T00:00:00Z', '2026-11-27', '2026-11-28T00:00:00Z'],
  ['day', '2026-12-31T12:00:00Z', '2026-12-31', '2027-01-01T00:00:00Z'],
  ['day', '2028-02-28T12:00:00Z', '2028-02-28', '2028-02-29T00:00:00Z'],
  ['month', '2026-11-30T23:59:59.999Z', '2026-11', '2026-12-01T00:00:00Z'],
  ['month', '2026-12-31T23:59:59.999Z', '2026-12', '2027-01-01T00:00:00Z'],
] as const)('the %s of %s is %s, until %s', (per, at, id, resetsAt) => {
  expect(periodAt(per, Date.parse(at))).toEqual({ id, resetsAtMs: Date.parse(resetsAt) });
});
