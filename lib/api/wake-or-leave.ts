import type { ApiContext } from './context.ts';

/**
 * Sends a wake-up after the truth is written. If the queue cannot be reached the caller's request has still
 * succeeded: what is due stands on the item, and the sweep finds it within a minute.
 */
export const wakeOrLeaveToSweep = async (c: ApiContext, wake: () => Promise<void>): Promise<void> => {
  try {
    await wake();
  } catch (error) {
    c.get('log').event('wake-up.not-sent', { error });
  }
};
