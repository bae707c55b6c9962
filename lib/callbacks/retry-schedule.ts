import { hourMs, minuteMs, secondMs, withJitter } from '../time.ts';

/** How long after each failed attempt the next one follows: eleven attempts over about three days. */
const retryDelaysMs: readonly number[] = [
  5 * secondMs,
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];
/** As many attempts for a test that waits for them. */
const fastDelayMs = secondMs;
export const maxAttempts = retryDelaysMs.length + 1;

const jitterShare = 0.1;
const maxRetryAfterMs = 24 * hourMs;

/** No attempt is made later than this after the event, however often one was put off. The bare schedule takes 76 hours. */
export const deliveryWindowMs = 84 * hourMs;

/** What a failed attempt's answer says about the next one. */
export type RetryHints = {
  /** What the receiver asks for. */
  retryAfterMs?: number;
  /** A receiver that is overloaded is left alone for at least so long. */
  minDelayMs?: number;
};

type FailedAttempt = RetryHints & {
  /** Scheduled attempts made, this one included. */
  attempts: number;
  eventCreatedAtMs: number;
  endedAtMs: number;
  /** All attempts follow within seconds, whatever the receiver asks for. */
  isFast?: boolean | undefined;
};

/** When to try again after a failure; `undefined`: not at all. `jitter` from 0 to 1 decides the jitter. */
export const nextAttemptAtMs = (
  { attempts, eventCreatedAtMs, endedAtMs, retryAfterMs = 0, minDelayMs = 0, isFast = false }: FailedAttempt,
  jitter: number,
): number | undefined => {
  const scheduledMs = retryDelaysMs[attempts - 1];
  const windowEndsAtMs = eventCreatedAtMs + deliveryWindowMs;
  if (scheduledMs === undefined || endedAtMs >= windowEndsAtMs) return undefined;
  if (isFast) return endedAtMs + fastDelayMs;
  const hintMs = Math.min(retryAfterMs, maxRetryAfterMs);
  const delayMs = Math.max(withJitter(scheduledMs, jitterShare, jitter), minDelayMs, hintMs);
  return Math.min(endedAtMs + delayMs, windowEndsAtMs);
};
