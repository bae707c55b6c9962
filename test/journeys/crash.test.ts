import { expect, it } from 'vitest';
import { surviveCrashes } from '../support/crashes.ts';

it('loses nothing, submits nothing twice and books each task once when it is killed again and again under load', async () => {
  const { taskIds, statuses, tallies, eventIds, money } = await surviveCrashes({
    seed: 7,
    tasks: 12,
    kills: 3,
    maxPeaceMs: 600,
  });
  expect(new Set(taskIds).size).toBe(12);
  for (const taskId of taskIds) {
    expect(statuses.get(taskId)).toBe('SUCCESS');
    expect(tallies.get(taskId)).toEqual({ asked: 1, made: 1 });
    expect(eventIds.get(taskId)?.size).toBe(1);
  }
  expect(money).toEqual({ tasks: 12, ofTasks: money.booked, booked: money.ofTasks });
  expect(money.booked).toBeGreaterThan(0);
});
