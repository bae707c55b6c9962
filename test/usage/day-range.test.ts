import { describe, expect, it } from 'vitest';
import { daysWithEntries, readDayRange } from '../../lib/usage/day-range.ts';

const nowMs = Date.parse('2026-11-26T23:59:59Z');

describe('the days of a report', () => {
  it.each([
    [{}, { from: '2026-11-01', to: '2026-11-26' }],
    [{ from: '2026-11-20' }, { from: '2026-11-20', to: '2026-11-26' }],
    [{ to: '2026-10-31' }, { from: '2026-10-01', to: '2026-10-31' }],
    [
      { from: '2024-02-29', to: '2024-02-29' },
      { from: '2024-02-29', to: '2024-02-29' },
    ],
    [
      { from: '2025-10-23', to: '2026-11-26' },
      { from: '2025-10-23', to: '2026-11-26' },
    ],
  ])('of %j are %j', (asked, range) => {
    expect(readDayRange(asked, nowMs)).toEqual({ range });
  });

  it.each([
    [{ from: 'yesterday' }, 'from', 'a day such as'],
    [{ to: '2026-11-31' }, 'to', 'a day such as'],
    [{ from: '2026-11-26T00:00:00Z' }, 'from', 'a day such as'],
    [{ from: '1795651200' }, 'from', 'a day such as'],
    [{ from: '2026-11-27' }, 'to', 'must not be before from'],
    [{ from: '2025-10-22' }, 'from', 'at most 400 days before to; these are 401'],
  ])('refuse %j', (asked, param, words) => {
    expect(readDayRange(asked, nowMs)).toEqual({
      problems: [{ param, message: expect.stringContaining(words) }],
    });
  });

  it('are told of all that is wrong', () => {
    expect(readDayRange({ from: 'a', to: 'b' }, nowMs)).toMatchObject({
      problems: [{ param: 'from' }, { param: 'to' }],
    });
  });

  it('are read as far as there can be entries', () => {
    expect(daysWithEntries({ from: '2026-11-25', to: '2026-12-31' }, nowMs)).toEqual([
      '2026-11-25',
      '2026-11-26',
      '2026-11-27',
    ]);
    expect(daysWithEntries({ from: '2020-01-01', to: '2020-12-31' }, nowMs)).toEqual([]);
    expect(daysWithEntries({ from: '2026-11-26', to: '2026-11-26' }, nowMs)).toEqual(['2026-11-26']);
  });
});
