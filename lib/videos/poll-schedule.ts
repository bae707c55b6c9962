import { minTypicalSeconds } from '../tasks/progress.ts';
import { secondMs } from '../time.ts';

/**
 * Polls stand at equal steps of the remaining probability: at the quantiles 1 − 0.8·0.7ᵏ of the render time. Whatever
 * the model's speed, that is 3.7 polls a task, within some 3 % of the best schedule there is for that many. Render times
 * are taken as log-normal; each figure is a quantile in standard deviations of their logarithm.
 */
const quantiles = [-0.84, -0.15, 0.27, 0.6, 0.87, 1.11, 1.32, 1.51, 1.68, 1.85, 2, 2.15, 2.29];
const lastQuantile = quantiles.at(-1) ?? 0;
/** Past the last quantile (p99) a render is a rare straggler: the elapsed time grows by this factor between looks. */
const stragglerGrowth = 1.15;
const maxGapMs = 600 * secondMs;

/** The standard deviation of the logarithms, while nothing is known of a kind. */
export const defaultSpread = 0.67;

/** The polls for a render whose webhook was lost: the first where 93 % have ended, few after it. */
const firstSafetyNetPoll = 7;
const safetyNetStep = 3;
export const isSafetyNetPoll = (poll: number): boolean =>
  poll >= firstSafetyNetPoll && (poll - firstSafetyNetPoll) % safetyNetStep === 0;

/** Looks are never closer together than this. */
export const minGapMs = 2 * secondMs;

/** What is expected of a render: the median of its kind, and how far the kind spreads. */
export type ExpectedRender = { typicalSeconds: number; renderSpread?: number };
type Submitted = ExpectedRender & { submittedAtMs: number };

/** When the poll number `poll` (from 0) is due. */
const pollAtMs = (
  poll: number,
  { typicalSeconds, renderSpread = defaultSpread, submittedAtMs }: Submitted,
): number => {
  const inMedians = Math.exp(renderSpread * (quantiles[poll] ?? lastQuantile));
  const growth = stragglerGrowth ** Math.max(0, poll - quantiles.length + 1);
  const typicalMs = Math.max(typicalSeconds, minTypicalSeconds) * secondMs;
  return submittedAtMs + Math.round(inMedians * growth * typicalMs);
};

export const safetyNetAtMs = (task: Submitted): number => pollAtMs(firstSafetyNetPoll, task);

/** When the first poll of the schedule is due that is wanted and lies ahead: polls that were missed are not made up for. */
export const nextPollAtMs = (
  task: Submitted,
  nowMs: number,
  isWanted: (poll: number) => boolean = () => true,
): number => {
  let next = 0;
  while (!isWanted(next) || pollAtMs(next, task) < nowMs + minGapMs) next += 1;
  return Math.min(pollAtMs(next, task), nowMs + maxGapMs);
};

/** When the schedule last had a poll, to tell how long ago the provider was asked. */
export const previousPollAtMs = (task: Submitted, nowMs: number): number => {
  let next = 0;
  while (pollAtMs(next, task) <= nowMs) next += 1;
  return next === 0 ? task.submittedAtMs : pollAtMs(next - 1, task);
};
