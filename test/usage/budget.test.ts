import { describe, expect, it } from 'vitest';
import {
  type Budget,
  isUsedUp,
  overdueSettlements,
  remainingMicroUsd,
  thresholdsCrossed,
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
  it('is to be told once it is reached, and not again', () => {
    const toTell = (committedMicroUsd: number, toldPercent = 0) =>
      thresholdsToTell(aBudget({ committedMicroUsd, toldPercent }));
    expect(toTell(799_999)).toEqual([]);
    expect(toTell(800_000)).toEqual([80]);
    expect(toTell(999_999, 80)).toEqual([]);
    expect(toTell(1_000_000, 80)).toEqual([100]);
    expect(toTell(1_000_000)).toEqual([80, 100]);
    expect(toTell(2_000_000, 100)).toEqual([]);
  });

  it('is crossed by the one reservation that reaches it', () => {
    const crossed = (committedMicroUsd: number, microUsd: number) =>
      thresholdsCrossed({ committedMicroUsd, microUsd }, 1_000_000);
    expect(crossed(700_000, 700_000)).toEqual([]);
    expect(crossed(850_000, 100_000)).toEqual([80]);
    expect(crossed(950_000, 100_000)).toEqual([]);
    expect(crossed(1_000_000, 50_000)).toEqual([100]);
    expect(crossed(1_000_000, 900_000)).toEqual([80, 100]);
  });

  it('of all counts as reached when little is left and a request no longer fits', () => {
    expect(isUsedUp(aBudget({ committedMicroUsd: 900_000, toldPercent: 80 }), 1_000_000)).toBe(true);
    expect(isUsedUp(aBudget({ committedMicroUsd: 900_000, toldPercent: 100 }), 1_000_000)).toBe(false);
    expect(isUsedUp(aBudget({ committedMicroUsd: 100_000 }), 1_000_000)).toBe(false);
  });
});
