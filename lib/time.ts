/** The clock, handed in wherever time decides something. Milliseconds since the Unix epoch. */
export type Clock = () => number;

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Wire times are whole Unix seconds; inside, everything is milliseconds. */
export const toEpochSeconds = (epochMs: number): number => Math.floor(epochMs / secondMs);

/** A day of UTC, as `YYYY-MM-DD`. */
export const utcDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 'YYYY-MM-DD'.length);

/** Whether a text is such a day. `Date` takes the 30th of February for the 2nd of March. */
export const isUtcDay = (text: string): boolean => {
  const atMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(atMs) && utcDay(atMs) === text;
};

/** Spreads a duration over ±`share` of itself, by `jitter` from 0 to 1, so that waiters do not come back together. */
export const withJitter = (durationMs: number, share: number, jitter: number): number =>
  Math.round(durationMs * (1 - share + 2 * share * jitter));
