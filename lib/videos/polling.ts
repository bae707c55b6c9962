import { costOfVideo } from '../tasks/cost.ts';
import { completeVideo, expire, failTask, withEvent } from '../tasks/settlement.ts';
import type { EndedTask, RunningVideo } from '../tasks/task.ts';
import { minuteMs, secondMs } from '../time.ts';
import { isSafetyNetPoll, minGapMs, nextPollAtMs, safetyNetAtMs } from './poll-schedule.ts';
import type { Finding } from './result-copy.ts';

/** One "not found" may be a provider's replica that lags; so many in a row are not. */
const maxNotFound = 5;
/** The polls of a task are taken for lost so long after the next one was due. */
export const pollOverdueAfterMs = 3 * minuteMs;
/** After a reported end that does not show, the looks follow in a steady gap for a while, then each as late again. */
const firstReportedLookMs = 5 * secondMs;
const reportedLookGapMs = 6 * secondMs;
const steadyLooksForMs = 2 * minuteMs;

/** What an answer to a query makes of the task; `undefined` where it changes nothing. */
export const afterPoll = (
  task: RunningVideo,
  outcome: Finding,
  notFoundBefore: number,
  nowMs: number,
): RunningVideo | EndedTask | undefined => {
  const isOver = nowMs >= task.deadlineAtMs;
  switch (outcome.status) {
    case 'succeeded':
      return completeVideo(task, outcome.resultUrl, nowMs, outcome.units);
    case 'failed': {
      const { reason, units, wasMade } = outcome;
      const cost = wasMade && costOfVideo(task.price, units);
      return failTask(task, { code: 'generation_failed', reason, units, cost }, nowMs);
    }
    case 'not-copied':
      return isOver
        ? completeVideo(task, outcome.resultUrl, nowMs, outcome.units)
        : uncopied(task, outcome, nowMs);
    case 'not-found':
      if (notFoundBefore + 1 >= maxNotFound) return endUncopied(task, nowMs) ?? failTask(task, lost, nowMs);
      break;
    case 'running':
      if (task.render.startedAtMs === undefined && !isOver) return started(task, nowMs);
      break;
    case 'queued':
    case 'unanswered':
    case 'operator-fault':
      break;
  }
  return isOver ? (endUncopied(task, nowMs) ?? expire(task, nowMs)) : undefined;
};

const lost = {
  code: 'lost_by_provider',
  reason: 'The provider no longer knows this task. Submit it again.',
} as const;

export const begun = (task: RunningVideo, nowMs: number): RunningVideo => ({
  ...task,
  render: { ...task.render, startedAtMs: nowMs },
});

const started = (task: RunningVideo, nowMs: number): RunningVideo =>
  withEvent(begun(task, nowMs), 'video.in_progress', nowMs);

/** Keeps the provider's link, which serves if no copy succeeds before the deadline. */
const uncopied = (
  task: RunningVideo,
  { resultUrl: uncopiedUrl, units }: { resultUrl: string; units?: string },
  nowMs: number,
): RunningVideo | undefined => {
  const { leaseUntilMs, ...free } = task;
  if (free.uncopiedUrl !== undefined) return leaseUntilMs === undefined ? undefined : free;
  return {
    ...(free.render.startedAtMs === undefined ? started(free, nowMs) : free),
    uncopiedUrl,
    ...(units !== undefined && { uncopiedUnits: units }),
  };
};

/** Longer than lib/assets/copy-result.ts gives a copy. */
const copyLeaseMs = 150 * secondMs;

export const isBeingCopied = ({ leaseUntilMs = 0 }: RunningVideo, nowMs: number): boolean =>
  leaseUntilMs > nowMs;

/** A claim on copying the video, which can take minutes; `undefined` while another worker has it. */
export const withCopyLease = (task: RunningVideo, nowMs: number): RunningVideo | undefined =>
  isBeingCopied(task, nowMs) ? undefined : { ...task, leaseUntilMs: nowMs + copyLeaseMs };

const endUncopied = (task: RunningVideo, nowMs: number): EndedTask | undefined =>
  task.uncopiedUrl === undefined
    ? undefined
    : completeVideo(task, task.uncopiedUrl, nowMs, task.uncopiedUnits);

/** Whether the caller is to be told that rendering began, and that did not happen yet. Only a query may say so. */
export const owesProgressEvent = ({ render, callback }: RunningVideo): boolean =>
  render.startedAtMs === undefined && (callback?.events.includes('video.in_progress') ?? false);

/**
 * While the provider's webhooks arrive, early polls are left out. They are needed while a copy of the result is tried,
 * which no webhook reports.
 */
export const isToldByWebhooks = (task: RunningVideo): boolean =>
  task.webhooks !== undefined && task.uncopiedUrl === undefined && !owesProgressEvent(task);

const scheduleOf = (task: RunningVideo) => ({ ...task, submittedAtMs: task.render.submittedAtMs });

/** Whether a poll of the schedule is still needed. */
export const isWorthAsking = (task: RunningVideo, nowMs: number): boolean =>
  !isToldByWebhooks(task) ||
  task.webhooks?.endReported === true ||
  nowMs >= Math.min(safetyNetAtMs(scheduleOf(task)), task.deadlineAtMs);

/** The next look after a reported end that the provider did not show yet. */
const nextReportedLookMs = ({ webhooks }: RunningVideo, nowMs: number): number => {
  if (!webhooks?.endReported || webhooks.lookAtMs === undefined) return Number.POSITIVE_INFINITY;
  let afterMs = firstReportedLookMs;
  while (webhooks.lookAtMs + afterMs < nowMs + minGapMs)
    afterMs += afterMs < steadyLooksForMs ? reportedLookGapMs : afterMs;
  return webhooks.lookAtMs + afterMs;
};

/** When to ask next; at the deadline at the latest, so that a deadline is kept. */
export const planNextPollMs = (task: RunningVideo, nowMs: number): number => {
  const wanted = isToldByWebhooks(task) ? isSafetyNetPoll : undefined;
  const scheduledMs = nextPollAtMs(scheduleOf(task), nowMs, wanted);
  const soonestMs = Math.min(scheduledMs, nextReportedLookMs(task, nowMs), task.deadlineAtMs);
  return Math.max(soonestMs, nowMs + minGapMs, task.leaseUntilMs ?? 0);
};

/**
 * Extends the sweep's watch over a task's polls when the next one would come near its end. A new generation begins
 * with it, so that copies of the messages before it are stale and cannot multiply.
 */
export const withPollsWatched = (
  task: RunningVideo,
  generation: number,
  nextAtMs: number,
): RunningVideo | undefined =>
  task.pollGeneration === generation && nextAtMs >= task.pollOverdueAtMs
    ? withNextPoll(task, nextAtMs)
    : undefined;

/** A new generation of polls; a message of an earlier one is stale. */
export const withNextPoll = (task: RunningVideo, atMs: number): RunningVideo => ({
  ...task,
  pollGeneration: task.pollGeneration + 1,
  pollOverdueAtMs: atMs + pollOverdueAfterMs,
});
