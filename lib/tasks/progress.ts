import { secondMs } from '../time.ts';
import type { Task } from './task.ts';

/** A setting of less would put all polls at the same moment. */
export const minTypicalSeconds = 1;
/** Providers report no percentages, so until the end the figure is an estimate and says no more than this. */
const maxBeforeTheEnd = 95;

/** When the provider got it; for an image, when it was first asked. */
export const submittedAtMs = (task: Task): number | undefined => {
  if (task.kind === 'image') return task.startedAtMs;
  return task.state === 'running' || task.state === 'ended' ? task.render?.submittedAtMs : undefined;
};

/**
 * How far a task is, in whole percent: 0 until the provider has it, 100 once it ended (either way), and between
 * that elapsed over typical time, which slows down as it nears its limit and so never goes back.
 */
export const progressPercent = (task: Task, nowMs: number): number => {
  if (task.state === 'ended') return 100;
  const sinceMs = submittedAtMs(task);
  if (sinceMs === undefined) return 0;
  const typicalMs = Math.max(task.typicalSeconds, minTypicalSeconds) * secondMs;
  const elapsed = Math.max(0, nowMs - sinceMs) / typicalMs;
  return Math.floor(maxBeforeTheEnd * (1 - Math.exp(-1.6 * elapsed)));
};
