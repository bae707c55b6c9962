import type { FindOutcome, StartOutcome } from '../providers/provider.ts';
import type { QueueMembership } from '../queue/membership.ts';
import { expire, failTask } from '../tasks/settlement.ts';
import {
  type EndedTask,
  isWaiting,
  type QueuedVideo,
  type RunningVideo,
  type SubmittingVideo,
  type Task,
  type UnconfirmedVideo,
  videoIdentity,
  type WaitingVideo,
  waitingVideo,
} from '../tasks/task.ts';
import { minuteMs, secondMs, withJitter } from '../time.ts';
import { afterPoll, planNextPollMs, pollOverdueAfterMs } from './polling.ts';

/** Longer than a provider is given to take a task, so that an answer finds its claim still held. */
const leaseMs = 60 * secondMs;
/** The longest that a provider is given to take a task. */
const createDeadlineMs = 30 * secondMs;
/** Queue delays are whole seconds and clocks differ a little. */
const earlyToleranceMs = 2 * secondMs;
/** When an unanswered create is looked up, counted from when it was sent; later once each minute. */
const lookUpsAfterMs = [5, 15, 30, 60].map((seconds) => seconds * secondMs);
/** Only a "not found" this long after a create permits a second one. */
const secondCreateAfterMs = 60 * secondMs;
const operatorFaultDelayMs = 5 * minuteMs;

type Claim =
  /** Nothing to do for this worker: another has it, the provider has it, it has ended, or is not due yet. */
  | { outcome: 'leased' }
  | { outcome: 'expired'; task: EndedTask }
  /** An earlier create has no answer: find out before anything else. */
  | { outcome: 'unconfirmed'; task: UnconfirmedVideo }
  /** The provider may be asked, once the intention is recorded. */
  | { outcome: 'create'; task: QueuedVideo };

const isLeased = (task: WaitingVideo, nowMs: number): boolean =>
  task.state !== 'queued' && (task.leaseUntilMs ?? 0) > nowMs;

/** A task in a queue is due whenever it is woken, whatever time it had planned. */
const isDue = (task: WaitingVideo, nowMs: number): boolean =>
  task.state === 'submitting' ||
  task.membership?.waitsFor !== undefined ||
  task.notBeforeMs <= nowMs + earlyToleranceMs;

/** Decides what a worker that was woken for a submission may do. */
export const claimSubmission = (task: Task, nowMs: number): Claim => {
  if (!isWaiting(task) || isLeased(task, nowMs)) return { outcome: 'leased' };
  const isOver = nowMs >= task.deadlineAtMs;
  // What may be with the provider is looked up once more before it is given up: it may be ready, and paid for.
  if (isOver && task.state === 'queued') return { outcome: 'expired', task: expire(task, nowMs) };
  if (!isOver && !isDue(task, nowMs)) return { outcome: 'leased' };
  if (task.state === 'queued') return { outcome: 'create', task };
  const claimed = {
    ...unconfirmed(task, task.sentAtMs, nowMs),
    attempts: task.attempts + 1,
    leaseUntilMs: nowMs + leaseMs,
  };
  return { outcome: 'unconfirmed', task: claimed };
};

/** Records the intention to create. */
export const recordCreate = (
  task: QueuedVideo | UnconfirmedVideo,
  membership: QueueMembership | undefined,
  claimedAtMs: number,
  nowMs: number,
): SubmittingVideo => ({
  ...withMembership(task, membership),
  state: 'submitting',
  attempts: task.attempts + 1,
  leaseUntilMs: claimedAtMs + leaseMs,
  // The entry of the due index stays, unless it would outlast the claim.
  notBeforeMs: Math.min(task.notBeforeMs, claimedAtMs + leaseMs),
  sentAtMs: nowMs,
  ...(task.state === 'unconfirmed' && { lostCreateAtMs: task.sentAtMs }),
});

/** Whether the claim could end before the provider answers, so that another worker might act at the same time. */
export const isTooLateToCreate = ({ leaseUntilMs }: SubmittingVideo, nowMs: number): boolean =>
  leaseUntilMs - nowMs < createDeadlineMs;

/** Whether "not found" is old enough to mean that the create never arrived, and another may still be sent. */
export const permitsSecondCreate = ({ sentAtMs, deadlineAtMs }: UnconfirmedVideo, nowMs: number): boolean =>
  nowMs - sentAtMs >= secondCreateAfterMs && nowMs < deadlineAtMs;

/** The task as it waits for the queue or for another try; `unconfirmed` where an earlier create may have arrived. */
export const waitUntil = (
  task: WaitingVideo,
  membership: QueueMembership | undefined,
  notBeforeMs: number,
): QueuedVideo | UnconfirmedVideo => {
  const waiting = withMembership(task, membership);
  const lostCreateAtMs = task.state === 'submitting' ? task.lostCreateAtMs : lostCreateOf(task);
  return lostCreateAtMs === undefined
    ? { ...waiting, state: 'queued', notBeforeMs }
    : { ...waiting, state: 'unconfirmed', sentAtMs: lostCreateAtMs, notBeforeMs, ...reportOf(task) };
};

const lostCreateOf = (task: QueuedVideo | UnconfirmedVideo): number | undefined =>
  task.state === 'unconfirmed' ? task.sentAtMs : undefined;

const reportOf = (task: WaitingVideo) => ('endReported' in task ? { endReported: task.endReported } : {});

const withMembership = (task: WaitingVideo, membership: QueueMembership | undefined) => {
  const { membership: _before, ...rest } = waitingVideo.parse(task);
  return { ...rest, ...(membership !== undefined && { membership }) };
};

/** The task with the create of `sentAtMs` to be looked up next. */
const unconfirmed = (
  task: WaitingVideo,
  sentAtMs: number,
  nowMs: number,
  membership = task.membership,
): UnconfirmedVideo => ({
  ...withMembership(task, membership),
  state: 'unconfirmed',
  sentAtMs,
  notBeforeMs: lookUpAtMs(sentAtMs, nowMs),
  ...reportOf(task),
});

const lookUpAtMs = (sentAtMs: number, nowMs: number): number => {
  const planned = lookUpsAfterMs.map((afterMs) => sentAtMs + afterMs);
  return planned.find((atMs) => atMs >= nowMs + secondMs) ?? nowMs + secondCreateAfterMs;
};

/** Whether nobody has claimed the submission since this claim was made: each one counts up. */
const holdsClaim = (task: WaitingVideo, claimed: WaitingVideo): boolean => task.attempts === claimed.attempts;

export type Known = Extract<StartOutcome, { status: 'accepted' }> | Extract<FindOutcome, { status: 'found' }>;

type Adoption = {
  known: Known;
  membership: QueueMembership | undefined;
  /** Finished videos are copied first, which a poll does. */
  copiesResults: boolean;
};

/** A create that was found began when the provider says, between our acceptance and now. */
const submittedAtMs = (task: WaitingVideo, { state, createdAtMs }: Known, nowMs: number): number => {
  if (state === undefined) return nowMs;
  const sentAtMs = 'sentAtMs' in task ? task.sentAtMs : nowMs;
  return Math.min(Math.max(createdAtMs ?? sentAtMs, task.createdAtMs), nowMs);
};

/**
 * The provider has the task, by its own answer or by a look-up: the request is erased and polling begins, or the task
 * ends if it has ended there. `undefined` where that changes nothing. It holds whoever has the claim.
 */
export const adopt = (
  task: Task,
  { known, membership, copiesResults }: Adoption,
  nowMs: number,
): RunningVideo | EndedTask | undefined => {
  if (!isWaiting(task)) return undefined;
  const { state, operation } = known;
  const mustCopy = state?.status === 'succeeded' && copiesResults;
  const endReported = mustCopy || 'endReported' in task;
  const running: RunningVideo = {
    ...videoIdentity.parse(task),
    state: 'running',
    render: { operation, submittedAtMs: submittedAtMs(task, known, nowMs) },
    ...(membership !== undefined && { membership }),
    pollGeneration: 1,
    pollOverdueAtMs: 0,
    ...(endReported && { webhooks: { looks: 1, lookAtMs: nowMs, endReported } }),
  };
  const told = state === undefined || mustCopy ? running : (afterPoll(running, state, 0, nowMs) ?? running);
  if (told.state === 'ended') return told;
  return { ...told, pollOverdueAtMs: firstPollAtMs(told, known, nowMs) + pollOverdueAfterMs };
};

/** At once where an end was reported before the task was known to be with the provider. */
export const firstPollAtMs = (task: RunningVideo, { state }: Known, nowMs: number): number =>
  task.webhooks?.endReported && (state === undefined || state.status === 'succeeded')
    ? nowMs
    : planNextPollMs(task, nowMs);

type Circumstances = {
  /** Whether the provider can look a create up. */
  canFind: boolean;
  /** What the queue left to the task. */
  membership: QueueMembership | undefined;
  random: number;
  nowMs: number;
};

/** What a create's answer makes of the task, where the provider does not have it for sure; `undefined`: nothing. */
export const afterCreate = (
  task: Task,
  claimed: SubmittingVideo,
  outcome: Exclude<StartOutcome, { status: 'accepted' | 'busy' }>,
  { canFind, membership, random, nowMs }: Circumstances,
): Task | undefined => {
  if (!isWaiting(task) || !holdsClaim(task, claimed)) return undefined;
  switch (outcome.status) {
    case 'refused':
      return failTask(task, { code: 'refused', reason: outcome.reason }, nowMs);
    case 'operator-fault':
      return waitUntil(task, membership, nowMs + withJitter(operatorFaultDelayMs, 0.2, random));
    case 'unclear':
      return canFind ? unconfirmed(task, claimed.sentAtMs, nowMs, membership) : failUnconfirmed(task, nowMs);
  }
};

/** What a provider that was too busy for a create makes of the task. */
export const afterBusy = (
  task: Task,
  claimed: SubmittingVideo,
  { membership, retryAtMs }: { membership: QueueMembership; retryAtMs: number },
): Task | undefined =>
  isWaiting(task) && holdsClaim(task, claimed) ? waitUntil(task, membership, retryAtMs) : undefined;

/** What a look-up in vain makes of the task. */
export const afterLookUp = (task: Task, claimed: UnconfirmedVideo, nowMs: number): Task | undefined => {
  if (!isWaiting(task) || !holdsClaim(task, claimed)) return undefined;
  return nowMs >= task.deadlineAtMs ? expire(task, nowMs) : unconfirmed(task, claimed.sentAtMs, nowMs);
};

/** The end of a task whose create was not answered, by a provider where it cannot be looked up. */
export const failUnconfirmed = (task: Task, nowMs: number): Task =>
  failTask(
    task,
    {
      code: 'unconfirmed',
      reason:
        'The provider did not answer, so the video may have been made and charged. Submit it again only if paying twice is acceptable.',
    },
    nowMs,
  );
