import { secondMs } from '../time.ts';
import type { Task } from './task.ts';

/**
 * Polls stand at equal steps of the remaining probability: at the quantiles 1 − 0.8·0.7ᵏ of the render time. Whatever
 * the model's speed, that is 3.7 polls a task, within some 3 % of the best schedule there is for that many. Render times
 * are taken as log-normal; each figure is a quantile in standard deviations of their logarithm.
 */
const quantiles = [-0.84, -0.15, 0.27, 0.6, 0.87, 1.11, 1.32, 1.51, 1.68, 1.85, 2, 2.15, 2.29];
const lastQuantile = quantiles.at(-1) ?? 0;
/** Past the last quantile (p99) a render is a rare straggler: the elapsed time grows by this factor between looks. */
const stragglerGrowth = 1.15;
const longestGapMs = 600 * secondMs;

/** The standard deviation of the logarithms, while nothing is known of a kind. */
export const usualSpread = 0.67;

/** The polls for a render whose push was lost: the first where 93 % have ended, few after it. */
const firstSafetyNetPoll = 7;
const safetyNetStep = 3;
export const isSafetyNetPoll = (poll: number): boolean =>
  poll >= firstSafetyNetPoll && (poll - firstSafetyNetPoll) % safetyNetStep === 0;

/** A setting of less would put all polls at the same moment. */
export const leastTypicalSeconds = 1;

/** Never closer together than this, and the answer to a push keeps the same distance. */
export const shortestGapMs = 2 * secondMs;

/** What is expected of a render: the median of its kind, and how far the kind spreads. */
export type ExpectedRender = Pick<Task, 'typicalSeconds' | 'renderSpread'>;
type Submitted = ExpectedRender & { submittedAtMs: number };

/** When the poll number `poll` (from 0) of a chain is due, counted from the submission. */
const pollOffsetMs = (
  poll: number,
  { typicalSeconds, renderSpread = usualSpread }: ExpectedRender,
): number => {
  const inMedians = Math.exp(renderSpread * (quantiles[poll] ?? lastQuantile));
  const growth = stragglerGrowth ** Math.max(0, poll - quantiles.length + 1);
  return Math.round(inMedians * growth * Math.max(typicalSeconds, leastTypicalSeconds) * secondMs);
};

export const safetyNetAtMs = (task: Submitted): number =>
  task.submittedAtMs + pollOffsetMs(firstSafetyNetPoll, task);

export type PollPlan = { poll: number; atMs: number };

/**
 * The first poll of the schedule that is wanted and lies ahead of `nowMs`: polls that were missed are not made up for.
 */
export const nextPoll = (
  task: Submitted,
  poll: number,
  nowMs: number,
  isWanted: (poll: number) => boolean = () => true,
): PollPlan => {
  const atMsOf = (each: number): number => task.submittedAtMs + pollOffsetMs(each, task);
  let next = poll;
  while (!isWanted(next) || atMsOf(next) < nowMs + shortestGapMs) next += 1;
  return { poll: next, atMs: Math.min(atMsOf(next), nowMs + longestGapMs) };
};

/** When the schedule last had a poll, to tell how long ago the provider was asked. */
export const previousPollAtMs = (task: Submitted, nowMs: number): number => {
  let last = task.submittedAtMs;
  for (let poll = 0; ; poll += 1) {
    const atMs = task.submittedAtMs + pollOffsetMs(poll, task);
    if (atMs > nowMs) return last;
    last = atMs;
  }
};
