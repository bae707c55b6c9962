import * as z from 'zod/mini';

/** How fast those who wait in a queue are let through. */
export const storedPace = z.object({ gapMs: z.number(), samples: z.number(), lastStartMs: z.number() });
export type Pace = z.infer<typeof storedPace>;

const minStep = 0.1;

/** Learns from a start. Only the time in which somebody waited says how fast slots come free. */
export const learnPace = (known: Pace | undefined, sinceMs: number, nowMs: number): Pace => {
  if (known === undefined) return { gapMs: 0, samples: 0, lastStartMs: nowMs };
  if (known.lastStartMs < sinceMs) return { ...known, lastStartMs: Math.max(nowMs, known.lastStartMs) };
  const gapMs = Math.max(0, nowMs - known.lastStartMs);
  const step = Math.max(minStep, 1 / (known.samples + 1));
  return {
    gapMs: known.gapMs + step * (gapMs - known.gapMs),
    samples: known.samples + 1,
    lastStartMs: Math.max(nowMs, known.lastStartMs),
  };
};

/** When the task at a position may start; `undefined` while that is unknown. */
export const estimatedStartMs = (
  pace: Pace | undefined,
  position: number,
  nowMs: number,
): number | undefined =>
  pace === undefined || pace.samples === 0
    ? undefined
    : Math.max(nowMs, Math.round(pace.lastStartMs + position * pace.gapMs));
