import { secondMs } from '../time.ts';

/**
 * Polls stand at equal steps of the remaining probability: at the quantiles 1 − 0.8·0.7ᵏ of the render time.
 * Whatever the model's speed, that is 3.7 polls a task, within some 3 % of the best schedule there is for that many.
 * Render times are taken as log-normal (σ 0.67); each figure is a quantile in medians: exp(σ·z(q)).
 */
const quantilesInMedians = [0.57, 0.9, 1.2, 1.49, 1.79, 2.1, 2.41, 2.75, 3.09, 3.45, 3.83, 4.22, 4.63];
/** Where nine renders in ten have ended: soon enough to look for one whose push was lost. */
export const safetyNetPoll = 6;
const lastQuantile = quantilesInMedians.at(-1) ?? 1;
/** Past the last quantile (p99) a render is a rare straggler: the elapsed time grows by this factor between looks. */
const stragglerGrowth = 1.15;
const longestGapMs = 600 * secondMs;

/** A setting of less would put all polls at the same moment. */
export const leastTypicalSeconds = 1;

/** Never closer together than this, and the answer to a push keeps the same distance. */
export const shortestGapMs = 2 * secondMs;

/** When the poll number `poll` (from 0) of a chain is due, counted from the submission. */
const pollOffsetMs = (poll: number, typicalSeconds: number): number => {
  const quantile = quantilesInMedians[poll];
  const inMedians = quantile ?? lastQuantile * stragglerGrowth ** (poll - quantilesInMedians.length + 1);
  return inMedians * Math.max(typicalSeconds, leastTypicalSeconds) * secondMs;
};

type Submitted = { submittedAtMs: number; typicalSeconds: number };

export const safetyNetAtMs = ({ submittedAtMs, typicalSeconds }: Submitted): number =>
  submittedAtMs + pollOffsetMs(safetyNetPoll, typicalSeconds);

export type PollPlan = { poll: number; atMs: number };

/** The first poll of the schedule that lies ahead of `nowMs`: polls that were missed are not made up for. */
export const nextPoll = (task: Submitted, poll: number, nowMs: number): PollPlan => {
  let next = poll;
  while (task.submittedAtMs + pollOffsetMs(next, task.typicalSeconds) < nowMs + shortestGapMs) next += 1;
  const atMs = task.submittedAtMs + pollOffsetMs(next, task.typicalSeconds);
  return { poll: next, atMs: Math.min(atMs, nowMs + longestGapMs) };
};

/** When the schedule last had a poll, to tell how long ago the provider was asked. */
export const previousPollAtMs = (task: Submitted, nowMs: number): number => {
  let last = task.submittedAtMs;
  for (let poll = 0; ; poll += 1) {
    const atMs = task.submittedAtMs + pollOffsetMs(poll, task.typicalSeconds);
    if (atMs > nowMs) return last;
    last = atMs;
  }
};
