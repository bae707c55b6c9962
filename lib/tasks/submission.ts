import type { FindOutcome, ProviderOperation, StartOutcome } from '../providers/provider.ts';
import { minuteMs, secondMs, withJitter } from '../time.ts';
import { leaseMs } from './claim.ts';
import { outOfLine, type Place, retryAtMs } from './line.ts';
import { nextPoll } from './poll-schedule.ts';
import { settle } from './settlement.ts';
import type { Task } from './task.ts';

/** After a create without an answer, only a "not found" this much later permits a second one. */
const secondCreateAfterMs = 60 * secondMs;
/** Waits before each look-up of an unanswered create: 5, 15, 30 and 60 s after it. */
const lookUpGapsMs = [5, 10, 15, 30].map((seconds) => seconds * secondMs);
const operatorDelayMs = 5 * minuteMs;
/** A poll chain that was silent for so long past its next poll is taken for lost. */
export const pollSilenceMs = 3 * minuteMs;

/** The longest that a provider is given to take a task. */
const createDeadlineMs = 30 * secondMs;

/** Whether the claim could end before the provider answers, so that another worker might act at the same time. */
export const isTooLateToCreate = ({ submission }: Task, nowMs: number): boolean =>
  (submission.leaseUntilMs ?? 0) - nowMs < createDeadlineMs;

/** Whether "not found" is old enough to mean that the create never arrived. */
export const permitsSecondCreate = (task: Task, outcome: FindOutcome, nowMs: number): boolean =>
  outcome.status === 'not-found' &&
  nowMs - (task.submission.unansweredSinceMs ?? nowMs) >= secondCreateAfterMs;

/** Records the intention to create once more. */
export const recordSecondCreate = (task: Task, nowMs: number): Task => ({
  ...task,
  submission: {
    ...task.submission,
    leaseUntilMs: nowMs + leaseMs,
    unansweredSinceMs: nowMs,
    lookUps: 0,
    mayHaveArrived: true,
  },
});

const release = (task: Task, changes: Partial<Task['submission']>): Task => {
  const { leaseUntilMs: _lease, ...submission } = outOfLine(task.submission);
  return { ...task, submission: { ...submission, ...changes } };
};

const backToWaiting = (task: Task, notBeforeMs: number): Task => {
  const { unansweredSinceMs: _answered, ...submission } = release(task, {}).submission;
  return { ...task, status: 'NOT_START', submission: { ...submission, lookUps: 0, notBeforeMs } };
};

/** Tries out of turn, as when a render ends, leave the next retry where it is: chains of retries must not multiply. */
const nextTryAtMs = ({ submission }: Task, nowMs: number, luck: number): number => {
  const { attempts, notBeforeMs } = submission;
  const atMs = retryAtMs(attempts, nowMs, luck);
  return notBeforeMs > nowMs ? Math.min(notBeforeMs, atMs) : atMs;
};

const withPlace = (task: Task, place: Place | undefined): Task =>
  place === undefined ? task : { ...task, submission: { ...task.submission, place } };

const lookUpAtMs = (lookUps: number, nowMs: number): number =>
  nowMs + (lookUpGapsMs[lookUps] ?? secondCreateAfterMs);

/** The provider has it: erase what it was told, and start polling. */
const submitted = (task: Task, operation: ProviderOperation, nowMs: number): Task => {
  const { request: _request, ...kept } = task;
  const {
    leaseUntilMs: _lease,
    unansweredSinceMs: _answered,
    mayHaveArrived: _found,
    ...submission
  } = outOfLine(task.submission);
  const pollChain = task.pollChain + 1;
  const firstPoll = nextPoll({ ...task, submittedAtMs: nowMs }, 0, nowMs);
  return {
    ...kept,
    status: 'SUBMITTED',
    submission: { ...submission, lookUps: 0 },
    operation,
    submittedAtMs: nowMs,
    pollChain,
    pollOverdueAtMs: firstPoll.atMs + pollSilenceMs,
  };
};

const stillWaiting = (task: Task): boolean => task.status === 'NOT_START' || task.status === 'UNKNOWN';

/** Whether nobody has claimed the submission since this claim was made: each one counts up. */
export const holdsClaim = (task: Task, claimed: Task): boolean =>
  task.submission.attempts === claimed.submission.attempts;

/**
 * What a create's answer makes of the task; `undefined` where it changes nothing. A worker that was so slow that
 * another took over may still tell that the provider has the task, but nothing else: what it knows is older than
 * the other's create. `luck` (0…1) spreads those who must come back; `place` is where a task waits that finds no slot.
 */
export const afterStart = (
  task: Task,
  claimed: Task,
  outcome: StartOutcome,
  nowMs: number,
  luck: number,
  place?: Place,
): Task | undefined => {
  if (!stillWaiting(task)) return undefined;
  if (outcome.status === 'accepted') return submitted(task, outcome.operation, nowMs);
  if (!holdsClaim(task, claimed)) return undefined;
  switch (outcome.status) {
    case 'refused':
      return settle(task, { status: 'FAILURE', failReason: outcome.reason }, nowMs);
    case 'busy':
      return withPlace(backToWaiting(task, nextTryAtMs(task, nowMs, luck)), place);
    case 'operator-fault':
      return backToWaiting(task, nowMs + withJitter(operatorDelayMs, 0.2, luck));
    case 'unclear':
      return { ...release(task, { lookUps: 0, notBeforeMs: lookUpAtMs(0, nowMs) }), status: 'UNKNOWN' };
  }
};

/** What a look-up makes of the task, when it does not permit a second create. The same holds for a slow worker. */
export const afterFind = (
  task: Task,
  claimed: Task,
  outcome: FindOutcome,
  nowMs: number,
): Task | undefined => {
  if (!stillWaiting(task)) return undefined;
  if (outcome.status === 'found') return submitted(task, outcome.operation, nowMs);
  if (!holdsClaim(task, claimed)) return undefined;
  const lookUps = task.submission.lookUps + 1;
  return release(task, { lookUps, notBeforeMs: lookUpAtMs(lookUps, nowMs) });
};
