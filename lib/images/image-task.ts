import { completeImages, expire, failTask, type TaskImages } from '../tasks/settlement.ts';
import {
  type EndedTask,
  type ImageTask,
  imageIdentity,
  type QueuedImage,
  type SubmittingImage,
  type Task,
} from '../tasks/task.ts';
import type { TaskCost } from '../tasks/task-money.ts';
import { minuteMs, secondMs, withJitter } from '../time.ts';

/** Longer than a provider's deadline (5 min) and the time to store what it made. */
export const imageLeaseMs = 6 * minuteMs;
/** A provider that keeps failing is asked so often. */
const maxAttempts = 8;
const busyDelayMs = { first: 2 * secondMs, max: 2 * minuteMs };
/** Queue delays are whole seconds and clocks differ a little. */
const earlyToleranceMs = 2 * secondMs;

type ImageClaim =
  /** Nothing to do for this worker: another has it, it has ended, or it is not due yet. */
  | { outcome: 'leased' }
  | { outcome: 'ended'; task: EndedTask }
  /** The intention is recorded in the task: once this is stored, the provider may be asked. */
  | { outcome: 'generate'; task: SubmittingImage };

/** Decides what a worker that was woken for an image task may do. */
export const claimImages = (task: Task, nowMs: number): ImageClaim => {
  if (task.kind !== 'image' || task.state === 'ended') return { outcome: 'leased' };
  if (task.state === 'submitting')
    return task.leaseUntilMs > nowMs
      ? { outcome: 'leased' }
      : // No provider can be asked what became of an earlier request, and each costs.
        { outcome: 'ended', task: failTask(task, workerLost, nowMs) };
  if (nowMs >= task.deadlineAtMs) return { outcome: 'ended', task: expire(task, nowMs) };
  if (task.notBeforeMs > nowMs + earlyToleranceMs) return { outcome: 'leased' };
  return {
    outcome: 'generate',
    task: {
      ...imageIdentity.parse(task),
      state: 'submitting',
      work: task.work,
      attempts: task.attempts + 1,
      startedAtMs: task.startedAtMs ?? nowMs,
      leaseUntilMs: nowMs + imageLeaseMs,
    },
  };
};

const workerLost = {
  code: 'interrupted',
  reason:
    'The work was interrupted, so the images may have been made and charged. Submit the request again only if paying twice is acceptable.',
} as const;

export type ImagesOutcome =
  | ({ status: 'made' } & TaskImages)
  /** Nothing was made or charged: try again. */
  | { status: 'come-back'; reason: string; afterSeconds?: number }
  /** Final, in words that the caller may read. Without a cost nothing was charged. */
  | { status: 'failed'; reason: string; cost?: TaskCost };

/** Growing and jittered. */
const busyUntilMs = (attempts: number, nowMs: number, random: number): number =>
  nowMs + withJitter(Math.min(busyDelayMs.max, busyDelayMs.first * 1.6 ** (attempts - 1)), 0.2, random);

const holdsClaim = (task: ImageTask, { attempts }: SubmittingImage): task is SubmittingImage =>
  task.state === 'submitting' && task.attempts === attempts;

/**
 * What the outcome makes of the task; `undefined` where it changes nothing. Images that were made always count;
 * anything else a worker says only while nobody has taken over. `random` (0…1) spreads those who must come back.
 */
export const afterImages = (
  task: Task,
  claimed: SubmittingImage,
  outcome: ImagesOutcome,
  nowMs: number,
  random: number,
): EndedTask | QueuedImage | undefined => {
  if (task.kind !== 'image' || task.state === 'ended') return undefined;
  if (outcome.status === 'made') return completeImages(task, outcome, nowMs);
  if (!holdsClaim(task, claimed)) return undefined;
  const { work, attempts, startedAtMs } = task;
  if (outcome.status === 'failed' || attempts >= maxAttempts) {
    const { reason } = outcome;
    const cost = outcome.status === 'failed' ? outcome.cost : undefined;
    return failTask(task, { code: 'generation_failed', reason, cost }, nowMs);
  }
  const notBeforeMs = Math.max(
    busyUntilMs(attempts, nowMs, random),
    nowMs + (outcome.afterSeconds ?? 0) * secondMs,
  );
  return { ...imageIdentity.parse(task), state: 'queued', work, attempts, startedAtMs, notBeforeMs };
};
