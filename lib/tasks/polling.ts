import {
  isSafetyNetPoll,
  nextPoll,
  type PollPlan,
  previousPollAtMs,
  safetyNetAtMs,
  shortestGapMs,
} from './poll-schedule.ts';
import type { Finding } from './result-copy.ts';
import { expire, settle, withEvent } from './settlement.ts';
import { pollSilenceMs } from './submission.ts';
import { isEnded, type Task } from './task.ts';

/** One "not found" may be a provider's replica that lags; so many in a row are not. */
const notFoundToFail = 5;

/** A task that the provider has, so that there is something to ask about. */
export type RenderingTask = Task & Required<Pick<Task, 'operation' | 'submittedAtMs'>>;

export const isRendering = (task: Task): task is RenderingTask =>
  !isEnded(task) && task.operation !== undefined && task.submittedAtMs !== undefined;

/** What an answer to a query makes of the task; `undefined` where it changes nothing. */
export const afterPoll = (
  task: Task,
  outcome: Finding,
  notFoundBefore: number,
  nowMs: number,
): Task | undefined => {
  if (isEnded(task)) return undefined;
  switch (outcome.status) {
    case 'succeeded':
      return settle(task, { status: 'SUCCESS', resultUrl: outcome.resultUrl }, nowMs);
    case 'failed':
      return settle(task, { status: 'FAILURE', failReason: outcome.reason }, nowMs);
    case 'not-copied':
      if (nowMs < task.deadlineAtMs) return uncopied(task, outcome.resultUrl, nowMs);
      return settle(task, { status: 'SUCCESS', resultUrl: outcome.resultUrl }, nowMs);
    case 'not-found':
      if (notFoundBefore + 1 >= notFoundToFail) return endUncopied(task, nowMs) ?? settle(task, lost, nowMs);
      break;
    case 'running':
      if (task.status === 'SUBMITTED' && nowMs < task.deadlineAtMs) return started(task, nowMs);
      break;
    case 'queued':
    case 'unanswered':
      break;
  }
  return nowMs >= task.deadlineAtMs ? (endUncopied(task, nowMs) ?? expire(task, nowMs)) : undefined;
};

const lost = {
  status: 'FAILURE',
  failReason: 'The provider no longer knows this task. Submit it again.',
} as const;

const started = (task: Task, nowMs: number): Task =>
  withEvent({ ...task, status: 'IN_PROGRESS', startedAtMs: nowMs }, 'video.in_progress', nowMs);

/** The video is there, and so is its link, should nothing better come of it until the deadline. */
const uncopied = (task: Task, uncopiedUrl: string, nowMs: number): Task | undefined => {
  if (task.uncopiedUrl !== undefined) return undefined;
  return { ...(task.status === 'SUBMITTED' ? started(task, nowMs) : task), uncopiedUrl };
};

const endUncopied = (task: Task, nowMs: number): Task | undefined =>
  task.uncopiedUrl === undefined
    ? undefined
    : settle(task, { status: 'SUCCESS', resultUrl: task.uncopiedUrl }, nowMs);

/** Whether the caller is to be told that rendering began, and that did not happen yet. Only a query may say so. */
const owesProgressEvent = ({ status, callback }: Task): boolean =>
  status === 'SUBMITTED' && (callback?.events.includes('video.in_progress') ?? false);

/**
 * While the provider's pushes reach us, the early polls would only hear what a push tells. No push tells when a copy of
 * the result will work.
 */
export const isToldByPushes = (task: Task): boolean =>
  (task.hearsPushes === true || task.pushPollAtMs !== undefined) &&
  task.uncopiedUrl === undefined &&
  !owesProgressEvent(task);

export const isWorthAsking = (task: RenderingTask, nowMs: number): boolean =>
  !isToldByPushes(task) || nowMs >= Math.min(safetyNetAtMs(task), task.deadlineAtMs);

/** The next poll of a chain; at the deadline at the latest, so that a deadline is kept. */
export const planNextPoll = (task: RenderingTask, poll: number, nowMs: number): PollPlan => {
  const plan = nextPoll(task, poll, nowMs, isToldByPushes(task) ? isSafetyNetPoll : undefined);
  return { ...plan, atMs: Math.max(Math.min(plan.atMs, task.deadlineAtMs), nowMs + shortestGapMs) };
};

/**
 * Moves the sweep's watch over a living chain along, but only when the next poll would come near its end. The chain gets
 * a new name with it, so that copies of its messages end here and cannot multiply.
 */
export const withChainWatched = (task: Task, chain: number, nextPollAtMs: number): Task | undefined =>
  isRendering(task) && task.pollChain === chain && nextPollAtMs >= (task.pollOverdueAtMs ?? 0)
    ? { ...task, pollChain: chain + 1, pollOverdueAtMs: nextPollAtMs + pollSilenceMs }
    : undefined;

/** A chain that was lost starts anew; a message of the old one that turns up after all is stale. */
export const withNewChain = (task: Task, nowMs: number): Task => ({
  ...task,
  pollChain: task.pollChain + 1,
  pollOverdueAtMs: nowMs + pollSilenceMs,
});

/** What a push says of a task that has not ended. */
export type PushNews = { operationId: string; status: 'queued' | 'running' };

export type NewsDecision =
  /** It must not be believed without a look. */
  { do: 'ask' } | { do: 'record'; task: Task } | { do: 'nothing' };

/**
 * Decides on a push that says a task is under way. It may move the display one step, which nothing is built upon: an
 * end, and whatever the caller is told by an event, is asked for.
 */
export const decideNews = (task: Task, { operationId, status }: PushNews, nowMs: number): NewsDecision => {
  if (isEnded(task)) return { do: 'nothing' };
  if (task.operation !== undefined && task.operation.id !== operationId) return { do: 'ask' };
  const begins = status === 'running' && task.status === 'SUBMITTED' && nowMs < task.deadlineAtMs;
  if (begins && owesProgressEvent(task)) return { do: 'ask' };
  if (begins) return { do: 'record', task: { ...hearing(task), status: 'IN_PROGRESS', startedAtMs: nowMs } };
  return task.hearsPushes ? { do: 'nothing' } : { do: 'record', task: hearing(task) };
};

const hearing = (task: Task): Task => ({ ...task, hearsPushes: true });

export type PushDecision =
  /** Ask the provider now; the task records it, if it did not before. */
  | { do: 'poll'; task: Task }
  /** Asked a moment ago: ask again when the distance is kept. */
  | { do: 'put-off'; task: Task; untilMs: number }
  /** A look that comes after this push is already arranged, or there is nothing to ask. */
  | { do: 'nothing' };

/** Decides on the look that a provider's push asked for. */
export const decidePush = (task: Task, arrangedForMs: number | undefined, nowMs: number): PushDecision => {
  if (!isRendering(task)) return { do: 'nothing' };
  if (arrangedForMs !== undefined)
    return task.pushPollAtMs === arrangedForMs ? { do: 'poll', task } : { do: 'nothing' };
  const arrangedAtMs = task.pushPollAtMs ?? 0;
  if (arrangedAtMs > nowMs) return { do: 'nothing' };
  const plannedAtMs = previousPollAtMs(task, nowMs);
  // A look that pushes made needless did not take place.
  const lookedAtMs = isWorthAsking(task, plannedAtMs) ? plannedAtMs : task.submittedAtMs;
  const earliestMs = Math.max(arrangedAtMs, lookedAtMs) + shortestGapMs;
  return earliestMs <= nowMs
    ? { do: 'poll', task: { ...task, pushPollAtMs: nowMs } }
    : { do: 'put-off', task: { ...task, pushPollAtMs: earliestMs }, untilMs: earliestMs };
};
