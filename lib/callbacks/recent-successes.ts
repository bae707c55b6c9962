import { type Clock, secondMs } from '../time.ts';

/** So long after a success a receiver is taken to be well. */
const trustMs = 2 * secondMs;
const maxReceivers = 1_000;

/** Which receivers have just answered this function instance well. */
export type RecentSuccesses = {
  has(receiver: string): boolean;
  add(receiver: string): void;
  remove(receiver: string): void;
};

export const createRecentSuccesses = (now: Clock): RecentSuccesses => {
  const lastAtMs = new Map<string, number>();
  return {
    has: (receiver) => now() - (lastAtMs.get(receiver) ?? 0) < trustMs,
    add: (receiver) => {
      lastAtMs.delete(receiver);
      lastAtMs.set(receiver, now());
      const [oldest] = lastAtMs.keys();
      if (lastAtMs.size > maxReceivers && oldest !== undefined) lastAtMs.delete(oldest);
    },
    remove: (receiver) => lastAtMs.delete(receiver),
  };
};
