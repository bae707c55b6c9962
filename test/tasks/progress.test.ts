import { describe, expect, it } from 'vitest';
import { progressPercent } from '../../lib/tasks/progress.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import { anEndedTask, aRunningTask, aTask, startMs } from '../support/a-task.ts';

describe('progress', () => {
  it('is 0 until the provider has the task', () => {
    expect(progressPercent(aTask(), startMs + 3_600_000)).toBe(0);
  });

  it.each(['SUCCESS', 'FAILURE'] as const)('is 100 at the end (%s)', (status) => {
    expect(
      progressPercent(
        status === 'SUCCESS' ? anEndedTask() : failTask(aTask(), { code: 'refused', reason: 'no' }, startMs),
        startMs,
      ),
    ).toBe(100);
  });

  it.each([0, 1, 75, 3_600])('never goes back and stays below 96 (typically %i s)', (typicalSeconds) => {
    const task = aRunningTask({ typicalSeconds });
    const shown = Array.from({ length: 2_000 }, (_, at) => progressPercent(task, startMs + at * 1_000));
    expect(shown).toEqual([...shown].sort((one, other) => one - other));
    expect(shown[0]).toBe(0);
    expect(Math.max(...shown)).toBeLessThanOrEqual(95);
  });

  it('is three quarters when a render takes as long as it typically does', () => {
    expect(progressPercent(aRunningTask({ typicalSeconds: 75 }), startMs + 75_000)).toBe(75);
  });

  it('does not fall below 0 by a clock that is behind', () => {
    expect(progressPercent(aRunningTask(), startMs - 5_000)).toBe(0);
  });
});
