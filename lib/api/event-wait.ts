import { secondMs } from '../time.ts';

export const maxWaitSeconds = 20;
/**
 * How many requests of a workspace a minute may wait. Each holds an execution of the function for as long: ten listeners that
 * wait all day, and no more.
 */
export const maxWaitsPerMinute = 30;
/** After how many seconds a request asks again that was not allowed to wait. */
export const retryInsteadOfWaitSeconds = 5;

const firstPauseMs = secondMs / 2;
const maxPauseMs = 4 * secondMs;
const growth = 1.5;

/** How long to pause before the next read, the last one at the end of the wait; nothing when it is over. */
export const nextPauseMs = (reads: number, leftMs: number): number | undefined => {
  if (leftMs <= 0) return undefined;
  return Math.min(firstPauseMs * growth ** (reads - 1), maxPauseMs, leftMs);
};
