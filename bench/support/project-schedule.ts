import { type ExpectedRender, nextPollAtMs } from '../../lib/videos/poll-schedule.ts';
import { expectedRender, learn, type RenderTime } from '../../lib/videos/render-time.ts';
import type { Schedule } from './poll-schedules.ts';
import { rendersOf, shuffled } from './renders.ts';

/** The schedule that the poller follows, with delays in whole seconds as SQS has them. */
export const projectSchedule = (expected: ExpectedRender): Schedule => {
  const task = { submittedAtMs: 0, ...expected };
  return (_poll, lastAtSeconds) => {
    const atMs = nextPollAtMs(task, lastAtSeconds * 1_000);
    return lastAtSeconds + Math.ceil(atMs / 1_000 - lastAtSeconds);
  };
};

/** Between which two polls a render ends. */
const detect = (schedule: Schedule, renderSeconds: number) => {
  let [afterSeconds, untilSeconds] = [0, 0];
  for (let poll = 0; untilSeconds < renderSeconds; poll += 1) {
    afterSeconds = untilSeconds;
    untilSeconds = schedule(poll, untilSeconds);
  }
  return { afterSeconds, untilSeconds };
};

/** So many tasks are under way at once: a new one knows nothing of them. */
const tasksUnderWay = 5;

/**
 * What the project expects after each number of finished tasks in `counts`, if the catalogue said `catalogueSeconds`:
 * learned by its own function, through the polls that it made.
 */
export const expectedAfter = (
  renders: Float64Array,
  catalogueSeconds: number,
  counts: readonly number[],
): ExpectedRender[] => {
  const expected = [expectedRender(undefined, catalogueSeconds)];
  let known: RenderTime | undefined;
  for (const [task, seconds] of renders.entries()) {
    const believed = expected[Math.max(0, task - tasksUnderWay)] ?? { typicalSeconds: catalogueSeconds };
    known = learn(known, believed.typicalSeconds, detect(projectSchedule(believed), seconds));
    expected.push(expectedRender(known, catalogueSeconds));
  }
  return counts.flatMap((count) => expected[count] ?? []);
};

/** Renders of one kind in the order in which a deployment may meet them. */
export const rendersInTurn = (
  distribution: Parameters<typeof rendersOf>[0],
  count: number,
  seed: number,
): Float64Array => shuffled(rendersOf(distribution, 5_000), seed).slice(0, count);
