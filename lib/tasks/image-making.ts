import { minuteMs, secondMs, withJitter } from '../time.ts';
import { earlyToleranceMs } from './claim.ts';
import { expire, settle } from './settlement.ts';
import { holdsClaim } from './submission.ts';
import { type ImageWork, isEnded, type Task, type TaskImage } from './task.ts';

/** Longer than a provider's deadline (5 min) and the time to store what it made. */
export const imageLeaseMs = 6 * minuteMs;
/** A provider that keeps failing is asked so often. */
const mostAttempts = 8;
const busyDelayMs = { first: 2 * secondMs, most: 2 * minuteMs };

export type ImageClaim =
  /** It ended, another worker has it, or it is not due yet. */
  | { do: 'nothing' }
  | { do: 'settled'; task: Task }
  /** The intention is recorded in the task: once this is stored, the provider may be asked. */
  | { do: 'make'; task: Task; work: ImageWork };

/** Decides what a worker that was woken for an image task may do. */
export const claimImages = (task: Task, nowMs: number): ImageClaim => {
  const { submission, imageWork } = task;
  if (isEnded(task) || imageWork === undefined) return { do: 'nothing' };
  if ((submission.leaseUntilMs ?? 0) > nowMs) return { do: 'nothing' };
  // No provider can be asked what became of an earlier request, and each costs.
  if (submission.unansweredSinceMs !== undefined)
    return { do: 'settled', task: settle(task, workerLost, nowMs) };
  if (nowMs >= task.deadlineAtMs) return { do: 'settled', task: expire(task, nowMs) };
  if (submission.notBeforeMs > nowMs + earlyToleranceMs) return { do: 'nothing' };
  const claimed: Task = {
    ...task,
    status: 'IN_PROGRESS',
    submittedAtMs: task.submittedAtMs ?? nowMs,
    startedAtMs: task.startedAtMs ?? nowMs,
    submission: {
      ...submission,
      leaseUntilMs: nowMs + imageLeaseMs,
      attempts: submission.attempts + 1,
      unansweredSinceMs: nowMs,
    },
  };
  return { do: 'make', task: claimed, work: imageWork };
};

const workerLost = {
  status: 'FAILURE',
  failReason:
    'The work was interrupted, so the images may have been made and charged. Submit the request again only if paying twice is acceptable.',
} as const;

export type ImagesOutcome =
  | { status: 'made'; images: readonly [TaskImage, ...TaskImage[]]; servedBy: string }
  /** Nothing was made or charged: try again. */
  | { status: 'come-back'; reason: string; afterSeconds?: number }
  /** Final, in words that the caller may read. */
  | { status: 'failed'; reason: string };

/** Growing and jittered. */
const busyUntilMs = (attempts: number, nowMs: number, luck: number): number =>
  nowMs + withJitter(Math.min(busyDelayMs.most, busyDelayMs.first * 1.6 ** (attempts - 1)), 0.2, luck);

/**
 * What the outcome makes of the task; `undefined` where it changes nothing. Images that were made always count;
 * anything else a worker says only while nobody has taken over. `luck` (0…1) spreads those who must come back.
 */
export const afterImages = (
  task: Task,
  claimed: Task,
  outcome: ImagesOutcome,
  nowMs: number,
  luck: number,
): Task | undefined => {
  if (isEnded(task)) return undefined;
  if (outcome.status === 'made') {
    const [{ url: resultUrl }] = outcome.images;
    const served = { ...task, resolvedModel: outcome.servedBy };
    return settle(served, { status: 'SUCCESS', resultUrl, images: [...outcome.images] }, nowMs);
  }
  if (!holdsClaim(task, claimed)) return undefined;
  if (outcome.status === 'failed' || task.submission.attempts >= mostAttempts)
    return settle(task, { status: 'FAILURE', failReason: outcome.reason }, nowMs);
  const { leaseUntilMs: _lease, unansweredSinceMs: _answered, ...submission } = task.submission;
  const notBeforeMs = Math.max(
    busyUntilMs(submission.attempts, nowMs, luck),
    nowMs + (outcome.afterSeconds ?? 0) * secondMs,
  );
  return { ...task, submission: { ...submission, notBeforeMs } };
};
