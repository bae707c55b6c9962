import type { Workspace } from '../keys/workspace.ts';
import { maxDelaySeconds } from '../limits.ts';
import type { Log } from '../observability/log.ts';
import type { Delivery } from '../tasks/delivery.ts';
import { attemptDueAtMs } from '../tasks/due.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { DeliverMessage, WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, secondMs } from '../time.ts';
import type { Attempt, AttemptStore } from './attempt-store.ts';
import { claimAttempt, deferAttempt, recordAttempt, type Trigger, triggerOf } from './delivery.ts';
import type { EndpointLimiter, Permit } from './endpoint-limiter.ts';
import { taskEvent } from './event.ts';
import { type AttemptOutcome, readAnswer } from './read-answer.ts';
import type { SendResult } from './send-callback.ts';
import type { SendEvent } from './send-event.ts';

export type DeliverEventDependencies = {
  tasks: TaskStore;
  workspaces: { find(id: string): Promise<Workspace | undefined> };
  attempts: AttemptStore;
  limiter: EndpointLimiter;
  wakeUps: Pick<WakeUps, 'sendDeliver'>;
  send: SendEvent;
  now: Clock;
  random: () => number;
  log: Log;
};

type Granted = Extract<Permit, { admitted: true }>;

/** One attempt that this worker alone may make. */
type Claim = { task: Task; claimed: Delivery; url: string; trigger: Trigger };

/**
 * Makes one attempt to deliver an event, if one is due: claim, send, record. May be called any number of times, at any
 * time. What the receiver does is a result; only our own faults are thrown.
 */
export const createDeliverEvent = (dependencies: DeliverEventDependencies) => {
  const { tasks, workspaces, attempts, limiter, wakeUps, send, now, random, log } = dependencies;

  const claim = async ({ taskId, eventId }: DeliverMessage): Promise<Claim | undefined> => {
    const change = await tasks.change(taskId, (task) => claimAttempt(task, eventId, now()));
    const { changed, task } = change;
    const url = task?.callback?.url;
    if (!changed || task?.delivery?.leaseUntilMs === undefined || url === undefined) {
      log.event('callback.nothing-due', { taskId, eventId });
      return undefined;
    }
    return { task, claimed: task.delivery, url, trigger: triggerOf(task.delivery) };
  };

  /** Waits longer than SQS can are the sweep's. */
  const wakeForNext = async ({ id, workspaceId, delivery }: Task): Promise<void> => {
    const dueAtMs = delivery && attemptDueAtMs(delivery);
    if (delivery === undefined || dueAtMs === undefined) return;
    const delaySeconds = (dueAtMs - now()) / secondMs;
    if (delaySeconds <= maxDelaySeconds)
      await wakeUps.sendDeliver({ taskId: id, eventId: delivery.eventId }, workspaceId, delaySeconds);
  };

  const putOff = async ({ task, claimed, trigger }: Claim, untilMs: number, cause: string) => {
    const change = await tasks.change(
      task.id,
      (current) => deferAttempt(current, claimed, { trigger, untilMs, cause, nowMs: now() }),
      task,
    );
    log.event('callback.put-off', { taskId: task.id, eventId: claimed.eventId, untilMs, cause });
    if (change.changed) await wakeForNext(change.task);
  };

  const record = async ({ task, claimed, trigger }: Claim, outcome: AttemptOutcome, endedAtMs: number) => {
    const jitter = random();
    const change = await tasks.change(
      task.id,
      (current) => recordAttempt(current, claimed, { trigger, outcome, endedAtMs, jitter }),
      task,
    );
    return change.changed ? change.task : undefined;
  };

  /** The log is for reading; a line that could not be written must not send the event again. */
  const writeLog = async (attempt: Omit<Attempt, 'id'>): Promise<void> => {
    try {
      await attempts.record(attempt);
    } catch (error) {
      log.event('callback.unrecorded', { taskId: attempt.taskId, eventId: attempt.eventId, error });
    }
  };

  const release = async (permit: Granted, outcome: AttemptOutcome) => {
    try {
      await permit.release(outcome);
    } catch (error) {
      log.event('callback.slot-kept', { error });
    }
  };

  return async (message: DeliverMessage): Promise<void> => {
    const claimed = await claim(message);
    if (claimed === undefined) return;
    const { task, url, trigger } = claimed;
    const { workspaceId } = task;
    const workspace = await workspaces.find(workspaceId);
    if (workspace === undefined) throw new Error(`task ${task.id} belongs to no workspace`);
    const permit = await limiter.acquire({
      workspaceId,
      origin: new URL(url).origin,
      // Attempts that are to follow within seconds go through an open circuit as well.
      trigger: claimed.claimed.isFast ? 'manual' : trigger,
      deferrals: claimed.claimed.deferrals ?? 0,
    });
    if (!permit.admitted) return putOff(claimed, permit.untilMs, permit.cause);

    const attempt = trigger === 'auto' ? { attempt: claimed.claimed.attempts + 1 } : {};
    const result = await send(taskEvent(task, claimed.claimed), {
      url,
      workspace,
      taskId: task.id,
      ...attempt,
    });
    const outcome = readAnswer(result, url);
    const [recorded] = await Promise.all([
      record(claimed, outcome, result.endedAtMs),
      release(permit, outcome),
    ]);
    const line = logLine(claimed, result, outcome, recorded);
    log.event('callback.attempted', line);
    await Promise.all([writeLog(line), recorded && wakeForNext(recorded)]);
  };
};

const logLine = (
  { task, claimed, url, trigger }: Claim,
  { startedAtMs, durationsMs }: SendResult,
  outcome: AttemptOutcome,
  recorded: Task | undefined,
): Omit<Attempt, 'id'> => ({
  taskId: task.id,
  eventId: claimed.eventId,
  type: claimed.type,
  trigger,
  ...(trigger === 'auto' && { attempt: claimed.attempts + 1 }),
  origin: new URL(url).origin,
  startedAtMs,
  durationsMs,
  delivered: outcome.delivered,
  ...(outcome.statusCode !== undefined && { statusCode: outcome.statusCode }),
  ...(!outcome.delivered && { errorClass: outcome.errorClass, cause: outcome.cause }),
  ...nextAttemptOf(recorded, claimed),
});

const nextAttemptOf = (recorded: Task | undefined, { eventId }: Delivery) =>
  recorded?.delivery?.eventId === eventId && recorded.delivery.nextAttemptAtMs !== undefined
    ? { nextAttemptAtMs: recorded.delivery.nextAttemptAtMs }
    : {};
