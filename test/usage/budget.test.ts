import { describe, expect, it } from 'vitest';
import {
  type Budget,
  overdueSettlements,
  remainingMicroUsd,
  thresholdsToTell,
} from '../../lib/usage/budget.ts';
import { anEndedTask, aTask, startMs } from '../support/a-task.ts';

const aBudget = (changes: Partial<Budget> = {}): Budget => ({
  workspaceId: 'ws_example',
  periodId: '2026-11-22',
  per: 'day',
  resetsAtMs: Date.parse('2026-11-23T00:00:00Z'),
  capMicroUsd: 1_000_000,
  committedMicroUsd: 350_000,
  reservations: new Map(),
  toldPercent: 0,
  ...changes,
});

describe('what is left', () => {
  it('is the whole cap where nothing was committed, and never less than nothing', () => {
    expect(remainingMicroUsd(undefined, 500)).toBe(500);
    expect(remainingMicroUsd({ committedMicroUsd: 200 }, 500)).toBe(300);
    expect(remainingMicroUsd({ committedMicroUsd: 700 }, 500)).toBe(0);
  });
});

describe('a reservation that was left over', () => {
  const held = { id: 'one', microUsd: 350_000, heldUntilMs: startMs + 35_000 };
  const reservation = { id: 'one', periodId: '2026-11-22', microUsd: 350_000 };
  const { id: taskId } = aTask();
  const budget = aBudget({ reservations: new Map([[taskId, held]]) });
  const settlements = (task: ReturnType<typeof aTask | typeof anEndedTask> | undefined, nowMs: number) =>
    overdueSettlements(budget, new Map(task && [[taskId, task]]), nowMs).map(
      ({ spentMicroUsd }) => spentMicroUsd,
    );
  const late = startMs + 35_000;

  it.each([
    ['stays while its task is under way', aTask({ reservation }), late, []],
    ['stays while its task may still be stored', undefined, late - 1, []],
    ['is given back when its task was never stored', undefined, late, [0]],
    [
      'is given back when its task has another one',
      aTask({ reservation: { ...reservation, id: 'other' } }),
      late,
      [0],
    ],
    ['is given back when its task has none', aTask(), late, [0]],
    [
      'becomes what its task cost',
      anEndedTask({ reservation, cost: { microUsd: 400_000, source: 'provider' } }),
      startMs,
      [400_000],
    ],
    [
      'is booked whole when nobody knows what its task cost',
      anEndedTask({ reservation, cost: { microUsd: null } }),
      startMs,
      [350_000],
    ],
  ])('%s', (_title, task, nowMs, spent) => {
    expect(settlements(task, nowMs)).toEqual(spent);
  });
});

describe('a threshold', () => {
  const toTell = (committedMicroUsd: number, changes: Partial<Budget> = {}, isRefused = false) =>
    thresholdsToTell(aBudget({ committedMicroUsd, ...changes }), isRefused);

  it('is told once it is reached, and once only', () => {
    expect(toTell(799_999)).toEqual([]);
    expect(toTell(800_000)).toEqual([80]);
    expect(toTell(999_999, { toldPercent: 80 })).toEqual([]);
    expect(toTell(1_000_000, { toldPercent: 80 })).toEqual([100]);
    expect(toTell(1_000_000)).toEqual([80, 100]);
    expect(toTell(2_000_000, { toldPercent: 100 })).toEqual([]);
  });

  it('is reached as well when little is left and a request no longer fits', () => {
    expect(toTell(900_000, { toldPercent: 80 }, true)).toEqual([100]);
    expect(toTell(100_000, {}, true)).toEqual([]);
  });
});
