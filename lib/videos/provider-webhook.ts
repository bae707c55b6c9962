import type { StatusUpdate } from '../providers/provider.ts';
import { isWaiting, type RunningVideo, type Task, type WaitingVideo } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, minuteMs, secondMs } from '../time.ts';
import { minGapMs, previousPollAtMs } from './poll-schedule.ts';
import { begun, isWorthAsking, owesProgressEvent, withNextPoll } from './polling.ts';

type WebhookDecision =
  | { do: 'nothing' }
  | { do: 'record'; task: Task }
  /** Ask the provider then. */
  | { do: 'poll'; task: RunningVideo; atMs: number }
  /** Look the create up then. */
  | { do: 'look-up'; task: WaitingVideo; atMs: number };

const nothing: WebhookDecision = { do: 'nothing' };

/** An address that leaked must not make us ask for ever: after so many looks each comes twice as late as the one before. */
const promptLooks = 8;
const maxLookGapMs = 5 * minuteMs;

/**
 * Decides what follows from a provider's webhook. It may show the task as rendering, on which nothing depends; an end,
 * and whatever an event tells, is asked for.
 */
export const decideWebhook = (
  task: Task,
  update: StatusUpdate | undefined,
  nowMs: number,
): WebhookDecision => {
  if (task.kind !== 'video' || task.state === 'ended') return nothing;
  if (isWaiting(task)) return update === undefined ? reportToWaiting(task, nowMs) : nothing;
  if (update === undefined || update.operationId !== task.render.operation.id) return look(task, true, nowMs);
  const begins =
    update.status === 'running' && task.render.startedAtMs === undefined && nowMs < task.deadlineAtMs;
  if (begins && owesProgressEvent(task)) return look(task, false, nowMs);
  const { webhooks = { looks: 0 } } = task;
  if (begins) return { do: 'record', task: { ...begun(task, nowMs), webhooks } };
  return task.webhooks === undefined ? { do: 'record', task: { ...task, webhooks } } : nothing;
};

/** The provider may have it after all: find out as soon as nobody else is at it. */
const reportToWaiting = (task: WaitingVideo, nowMs: number): WebhookDecision => {
  if (task.state === 'queued' || task.endReported) return nothing;
  const atMs = Math.max(nowMs, task.leaseUntilMs ?? 0);
  const reported = { ...task, endReported: true as const };
  return {
    do: 'look-up',
    task: reported.state === 'unconfirmed' ? { ...reported, notBeforeMs: atMs } : reported,
    atMs,
  };
};

const look = (task: RunningVideo, mayTellEnd: boolean, nowMs: number): WebhookDecision => {
  const { looks, lookAtMs = 0, endReported } = task.webhooks ?? { looks: 0 };
  const reported = (mayTellEnd || endReported) && { endReported: true as const };
  // A look that comes after this webhook is already arranged.
  if (lookAtMs > nowMs)
    return endReported || !mayTellEnd
      ? nothing
      : { do: 'record', task: { ...task, webhooks: { looks, lookAtMs, ...reported } } };
  const atMs = Math.max(nowMs, earliestLookMs(task, nowMs));
  const webhooks = { looks: looks + 1, lookAtMs: atMs, ...reported };
  return { do: 'poll', task: withNextPoll({ ...task, webhooks }, atMs), atMs };
};

const earliestLookMs = (task: RunningVideo, nowMs: number): number => {
  const { looks, lookAtMs = 0 } = task.webhooks ?? { looks: 0 };
  const { submittedAtMs } = task.render;
  const plannedAtMs = previousPollAtMs({ ...task, submittedAtMs }, nowMs);
  // A look that webhooks made needless did not take place.
  const lookedAtMs = isWorthAsking(task, plannedAtMs) ? plannedAtMs : submittedAtMs;
  const gapMs = Math.min(maxLookGapMs, minGapMs * 2 ** Math.max(0, looks - promptLooks));
  return Math.max(lookedAtMs + minGapMs, lookAtMs + gapMs);
};

export type ProviderWebhookDependencies = {
  tasks: Pick<TaskStore, 'change'>;
  wakeUps: Pick<WakeUps, 'sendPoll' | 'sendSubmit'>;
  now: Clock;
};

/** Takes a provider's webhook. All that it may tell beside the task being under way is asked for. */
export const createReceiveProviderWebhook =
  ({ tasks, wakeUps, now }: ProviderWebhookDependencies) =>
  async (taskId: string, update: StatusUpdate | undefined): Promise<void> => {
    let decision: WebhookDecision | undefined;
    await tasks.change(taskId, (task) => {
      decision = decideWebhook(task, update, now());
      return decision.do === 'nothing' ? undefined : decision.task;
    });
    if (decision?.do === 'look-up') await wakeUps.sendSubmit(taskId, (decision.atMs - now()) / secondMs);
    if (decision?.do !== 'poll') return;
    const { pollGeneration: generation } = decision.task;
    await wakeUps.sendPoll(
      { taskId, generation, lookedAtMs: decision.atMs - minGapMs },
      (decision.atMs - now()) / secondMs,
    );
  };
