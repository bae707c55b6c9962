import { secondMs } from '../time.ts';
import { leastTypicalSeconds } from './poll-schedule.ts';
import { isEnded, type Task } from './task.ts';

/** Kling reports no percentages, so until the end the figure is an estimate and says no more than this. */
const mostBeforeTheEnd = 95;

/**
 * How far a task is, in whole percent: 0 until the provider has it, 100 once it ended (either way), and between
 * that elapsed over typical time, which slows down as it nears its limit and so never goes back.
 */
export const progressPercent = (task: Task, nowMs: number): number => {
  if (isEnded(task)) return 100;
  if (task.submittedAtMs === undefined) return 0;
  const typicalSeconds = Math.max(task.typicalSeconds, leastTypicalSeconds);
  const elapsed = Math.max(0, nowMs - task.submittedAtMs) / (typicalSeconds * secondMs);
  return Math.floor(mostBeforeTheEnd * (1 - Math.exp(-1.6 * elapsed)));
};
