import * as z from 'zod/mini';
import type { Task } from '../tasks/task.ts';
import { secondMs } from '../time.ts';
import { defaultSpread, type ExpectedRender } from './poll-schedule.ts';

/** What was learned of one kind of render: a model, in a mode, at a length. */
export const storedRenderTime = z.object({
  medianSeconds: z.number(),
  /** The standard deviation of the logarithms; absent where only the median was learned yet. */
  spread: z.exactOptional(z.number()),
  samples: z.number(),
});
export type RenderTime = z.infer<typeof storedRenderTime>;

/** A render ended between these two: after the last poll that saw it running, and before it was found ended. */
type Observation = { afterSeconds: number; untilSeconds: number };

/** The weight of one render once many are known; before, more. */
const minStep = 0.03;
const stepAfter = (samples: number): number => Math.max(minStep, (samples + 3) ** -0.7);
/** A render counts as no further from the median than so many standard deviations. */
const farthestDeviation = 2.2;
/** What was learned is not believed further from the catalogue's figure than this factor. */
const farthestFactor = 8;
const spreadLimits = { least: 0.12, most: 1 };

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** When a video was ready, if the provider was last asked at `lookedAtMs`; `undefined` for whatever else a task may be. */
export const observe = (task: Task, lookedAtMs: number): Observation | undefined => {
  if (task.kind !== 'video' || task.state !== 'ended' || task.result.status !== 'SUCCESS') return undefined;
  const { render, endedAtMs } = task;
  if (render === undefined) return undefined;
  const seconds = (atMs: number) => (atMs - render.submittedAtMs) / secondMs;
  return { afterSeconds: Math.max(0, seconds(lookedAtMs)), untilSeconds: seconds(endedAtMs) };
};

/**
 * Moves median and spread a step towards a render. Reckoned in standard deviations from the median, the render is put
 * in the middle of the time in which it may have ended, and never far out, so that an outlier weighs little more than
 * any other.
 */
export const learn = (
  known: RenderTime | undefined,
  expectedSeconds: number,
  { afterSeconds, untilSeconds }: Observation,
): RenderTime => {
  const { medianSeconds = expectedSeconds, spread = defaultSpread } = known ?? {};
  // Of a kind whose spread nobody learned yet, learning begins anew.
  const samples = known?.spread === undefined ? 0 : known.samples;
  const deviations = (seconds: number): number =>
    within(Math.log(seconds / medianSeconds) / spread, -farthestDeviation, farthestDeviation);
  const middle = (deviations(afterSeconds) + deviations(untilSeconds)) / 2;
  const step = stepAfter(samples);
  return {
    medianSeconds: medianSeconds * Math.exp(step * spread * middle),
    spread: within(spread * Math.sqrt(1 + step * (middle ** 2 - 1)), spreadLimits.least, spreadLimits.most),
    samples: samples + 1,
  };
};

/** What to expect: the median in whole seconds, and the spread where it is known. */
export const expectedRender = (known: RenderTime | undefined, catalogueSeconds: number): ExpectedRender => {
  const learned = within(
    known?.medianSeconds ?? catalogueSeconds,
    catalogueSeconds / farthestFactor,
    catalogueSeconds * farthestFactor,
  );
  return {
    typicalSeconds: Math.max(1, Math.round(learned)),
    ...(known?.spread !== undefined && { renderSpread: Number(known.spread.toFixed(2)) }),
  };
};
