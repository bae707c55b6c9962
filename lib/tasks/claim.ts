import { secondMs } from '../time.ts';
import type { Admission } from './admission.ts';
import {
  isBehind,
  keepWaiting,
  type LineToJoin,
  modelLineOf,
  outOfLine,
  type Place,
  placeIn,
  workspaceLineOf,
} from './line.ts';
import { expire } from './settlement.ts';
import type { Task } from './task.ts';

/** Longer than a provider is given to take a task, so that an answer finds its claim still standing. */
export const leaseMs = 60 * secondMs;
/** Queue delays are whole seconds and clocks differ a little. */
export const earlyToleranceMs = 2 * secondMs;

export type Claim =
  /** Nothing to do: it is with the provider, ended, claimed by another worker, or not due yet. */
  | { do: 'nothing' }
  | { do: 'settled'; task: Task }
  /** An earlier create has no answer: find out before anything else. */
  | { do: 'look-up'; task: Task }
  /** The intention is recorded in the task: once this is stored, the create may be sent. */
  | { do: 'create'; task: Task }
  /** Others come before it: take a place behind them. */
  | { do: 'join'; task: Task; line: LineToJoin }
  /** It waits in a line, and its turn has not come. */
  | { do: 'wait'; task: Task; place: Place };

const isUnclaimed = ({ kind, status, submission }: Task, nowMs: number): boolean =>
  kind !== 'image' &&
  (status === 'NOT_START' || status === 'UNKNOWN') &&
  (submission.leaseUntilMs ?? 0) <= nowMs;

const isDue = ({ submission }: Task, nowMs: number): boolean =>
  submission.notBeforeMs <= nowMs + earlyToleranceMs;

/** Whoever is first tries whenever it is woken: most likely, a slot came free. */
const isFirst = (task: Task, first: Place | undefined): boolean =>
  placeIn(modelLineOf(task), task) !== undefined && !isBehind(modelLineOf(task), task, first);

/** Whether a task would be handed over now, had its workspace no limit. `first` is as in {@link claimSubmission}. */
export const needsAdmission = (task: Task, nowMs: number, first: Place | undefined): boolean => {
  const { place, line, counted, unansweredSinceMs } = task.submission;
  if (!isUnclaimed(task, nowMs) || nowMs >= task.deadlineAtMs) return false;
  if (counted || unansweredSinceMs !== undefined) return false;
  if (line === 'workspace') return true;
  return place === undefined ? isDue(task, nowMs) : isFirst(task, first);
};

/**
 * Decides what a worker that was woken for a submission may do. `first` is who has the turn in the line for the
 * provider's slots; `undefined` where nobody waits. `admission` is `undefined` where nobody asked.
 */
export const claimSubmission = (
  task: Task,
  nowMs: number,
  first: Place | undefined,
  admission: Admission | undefined,
): Claim => {
  if (!isUnclaimed(task, nowMs)) return { do: 'nothing' };
  if (nowMs >= task.deadlineAtMs) return { do: 'settled', task: expire(task, nowMs) };
  if (!needsAdmission(task, nowMs, first)) return claimAdmitted(task, nowMs, first);
  if (admission === undefined) return { do: 'nothing' };
  if (admission === 'full') return waitForOthers(task, nowMs);
  return claimAdmitted(task, nowMs, first, admission);
};

/** A task that may be in flight as far as its workspace is concerned. */
const claimAdmitted = (
  task: Task,
  nowMs: number,
  first: Place | undefined,
  admission?: Exclude<Admission, 'full'>,
): Claim => {
  const { submission } = task;
  const isNewlyAdmitted = admission !== undefined;
  if (!isDue(task, nowMs) && !isFirst(task, first) && !isNewlyAdmitted) return { do: 'nothing' };
  const isCounted = admission === 'counted';
  const claimed = {
    ...(submission.line === 'workspace' ? outOfLine(submission) : submission),
    ...(isCounted && { counted: true as const }),
    leaseUntilMs: nowMs + leaseMs,
    attempts: submission.attempts + 1,
  };
  if (submission.unansweredSinceMs !== undefined)
    return { do: 'look-up', task: { ...task, status: 'UNKNOWN', submission: outOfLine(claimed) } };
  const modelLine = modelLineOf(task);
  if (isBehind(modelLine, task, first)) {
    const place = placeIn(modelLine, task);
    if (place === undefined) return { do: 'join', task, line: { name: modelLine, isCounted } };
    return { do: 'wait', task: keepWaiting(task, nowMs), place };
  }
  // A retry that is still to come stays arranged; a far one must not outlast the claim, should its worker die.
  const notBeforeMs = Math.min(submission.notBeforeMs, isDue(task, nowMs) ? nowMs : nowMs + leaseMs);
  return {
    do: 'create',
    task: { ...task, submission: { ...claimed, notBeforeMs, unansweredSinceMs: nowMs } },
  };
};

/** As many of its workspace are in flight as may be. */
const waitForOthers = (task: Task, nowMs: number): Claim => {
  const name = workspaceLineOf(task);
  const place = placeIn(name, task);
  if (place === undefined) return { do: 'join', task, line: { name, isCounted: false } };
  return isDue(task, nowMs) ? { do: 'wait', task: keepWaiting(task, nowMs), place } : { do: 'nothing' };
};
