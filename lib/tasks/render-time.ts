import { secondMs } from '../time.ts';
import { previousPollAtMs } from './poll-schedule.ts';
import type { Task } from './task.ts';

/** What was learned of one kind of render: a model, in a mode, at a length. */
export type RenderTime = { medianSeconds: number; samples: number };

/** A render ended after the one and, at the latest, at the other: nobody looks all the time. */
export type Observation = { afterSeconds: number; untilSeconds: number };

/** One render moves the estimate by at most this; in the beginning by more. */
const smallestStep = 0.03;
const firstStep = 0.3;
/** What was learned is not believed further from the catalogue's figure than this. */
const farthest = 8;

/** When a video was ready, as far as its polls tell; `undefined` for whatever else a task may be. */
export const observe = (task: Task): Observation | undefined => {
  const { status, submittedAtMs, endedAtMs, typicalSeconds } = task;
  if (status !== 'SUCCESS' || submittedAtMs === undefined || endedAtMs === undefined) return undefined;
  const seconds = (atMs: number) => (atMs - submittedAtMs) / secondMs;
  const lastPollAtMs = previousPollAtMs({ submittedAtMs, typicalSeconds }, endedAtMs - secondMs);
  return { afterSeconds: seconds(lastPollAtMs), untilSeconds: seconds(endedAtMs) };
};

/**
 * Moves the median a step towards a render. All that counts is on which side of the estimate the render lies, so that
 * an outlier weighs no more than any other; one of which that cannot be told moves nothing. With half of the renders
 * on either side it comes to rest.
 */
export const learn = (
  known: RenderTime | undefined,
  expectedSeconds: number,
  { afterSeconds, untilSeconds }: Observation,
): RenderTime => {
  const { medianSeconds, samples } = known ?? { medianSeconds: expectedSeconds, samples: 0 };
  const growth = 1 + Math.max(smallestStep, firstStep / (1 + samples / 4));
  const isSlower = afterSeconds >= medianSeconds;
  const isFaster = untilSeconds <= medianSeconds;
  const moved = isSlower ? medianSeconds * growth : isFaster ? medianSeconds / growth : medianSeconds;
  return { medianSeconds: moved, samples: samples + 1 };
};

/** The median to expect, in whole seconds. */
export const expectedSeconds = (known: RenderTime | undefined, catalogueSeconds: number): number => {
  const learned = known?.medianSeconds ?? catalogueSeconds;
  return Math.max(
    1,
    Math.round(Math.min(catalogueSeconds * farthest, Math.max(catalogueSeconds / farthest, learned))),
  );
};
