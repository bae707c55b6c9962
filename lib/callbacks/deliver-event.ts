import type { Workspace } from '../keys/workspace.ts';
import type { WorkspaceStore } from '../keys/workspace-store.ts';
import { maxDelaySeconds } from '../limits.ts';
import type { Log } from '../observability/log.ts';
import { modeFields } from '../observability/mode.ts';
import type { Delivery } from '../tasks/delivery.ts';
import { attemptDueAtMs } from '../tasks/due.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import { createTellDelivery } from '../tasks/tell-delivery.ts';
import type { DeliverMessage, WakeUps } from '../tasks/wake-ups.ts';
import { isWorkspaceEventId } from '../tasks/workspace-event.ts';
import type { WorkspaceEventStore } from '../tasks/workspace-event-store.ts';
import { type Clock, secondMs } from '../time.ts';
import type { Attempt, AttemptStore } from './attempt-store.ts';
import { type AnyCarrier, type Carriers, carriedByTasks, carriedByThemselves } from './carriers.ts';
import { claimAttempt, deferAttempt, recordAttempt, triggerOf } from './delivery.ts';
import type { EndpointLimiter, Permit } from './endpoint-limiter.ts';
import { type AttemptOutcome, readAnswer } from './read-answer.ts';
import type { SendResult } from './send-callback.ts';
import type { SendEvent } from './send-event.ts';

type Granted = Permit & { admitted: true };

type Dependencies = {
  workspaces: Pick<WorkspaceStore, 'find'>;
  attempts: AttemptStore;
  limiter: EndpointLimiter;
  wakeUps: Pick<WakeUps, 'sendDeliver'>;
  send: SendEvent;
  now: Clock;
  random: () => number;
  log: Log;
};

export type DeliverEventDependencies = Dependencies & {
  tasks: TaskStore;
  workspaceEvents: Pick<WorkspaceEventStore, 'change'>;
};

/**
 * Makes one attempt to deliver an event, if one is due: claim, send, record. May be called any number of times, at any
 * time. What the receiver does is a result; only our own faults are thrown.
 */
export const createDeliverEvent = ({ tasks, workspaceEvents, ...dependencies }: DeliverEventDependencies) => {
  const deliverOfTask = createDeliver(carriedByTasks(tasks), dependencies);
  const tellDelivery = createTellDelivery(dependencies.log, dependencies.now);
  const deliverOfWorkspace = createDeliver(carriedByThemselves(workspaceEvents, tellDelivery), dependencies);
  return (message: DeliverMessage): Promise<void> =>
    isWorkspaceEventId(message.taskId) ? deliverOfWorkspace(message) : deliverOfTask(message);
};

/** One attempt that this worker alone may make. */
type Claim<One extends AnyCarrier> = {
  carrier: One;
  claimed: Delivery;
  url: string;
  workspace: Workspace;
};

const createDeliver = <One extends AnyCarrier>(carriers: Carriers<One>, dependencies: Dependencies) => {
  const { workspaces, attempts, limiter, wakeUps, send, now, random, log } = dependencies;

  const claim = async ({ taskId, eventId }: DeliverMessage): Promise<Claim<One> | undefined> => {
    const carrier = await carriers.change(taskId, (one) => claimAttempt(one, eventId, now()));
    const claimed = carrier?.delivery;
    if (carrier === undefined || claimed?.leaseUntilMs === undefined) {
      log.event('callback.nothing-due', { taskId, eventId });
      return undefined;
    }
    const workspace = await workspaces.find(carrier.workspaceId);
    if (workspace === undefined) throw new Error(`${taskId} belongs to no workspace`);
    const url = carriers.addressOf(carrier, workspace);
    if (url !== undefined) return { carrier, claimed, url, workspace };
    await carriers.change(taskId, carriers.unaddressed, carrier);
    return undefined;
  };

  /** Delays beyond SQS's limit are left to the sweep. */
  const wakeForNext = async ({ id, workspaceId, delivery }: One): Promise<void> => {
    const dueAtMs = delivery && attemptDueAtMs(delivery);
    if (delivery === undefined || dueAtMs === undefined) return;
    const delaySeconds = (dueAtMs - now()) / secondMs;
    if (delaySeconds <= maxDelaySeconds)
      await wakeUps.sendDeliver({ taskId: id, eventId: delivery.eventId }, workspaceId, delaySeconds);
  };

  const putOff = async ({ carrier, claimed }: Claim<One>, untilMs: number, cause: string) => {
    const changed = await carriers.change(
      carrier.id,
      (current) => deferAttempt(current, claimed, { untilMs, cause, nowMs: now() }),
      carrier,
    );
    log.event('callback.put-off', { taskId: carrier.id, eventId: claimed.eventId, untilMs, cause });
    if (changed !== undefined) await wakeForNext(changed);
  };

  const record = (
    { carrier, claimed }: Claim<One>,
    outcome: AttemptOutcome,
    endedAtMs: number,
  ): Promise<One | undefined> => {
    const jitter = random();
    return carriers.change(
      carrier.id,
      (current) => recordAttempt(current, claimed, { outcome, endedAtMs, jitter }),
      carrier,
    );
  };

  /** The log is for reading; a line that could not be written must not send the event again. */
  const writeLog = async (attempt: Omit<Attempt, 'id'>, isRecorded: boolean): Promise<void> => {
    try {
      if (isRecorded || (await carriers.isThere(attempt.taskId))) await attempts.record(attempt);
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
    const found = await claim(message);
    if (found === undefined) return;
    const { carrier, claimed, workspace, url } = found;
    const permit = await limiter.acquire({
      workspaceId: carrier.workspaceId,
      origin: new URL(url).origin,
      // Attempts that are to follow within seconds go through an open circuit as well.
      trigger: claimed.isFast ? 'manual' : triggerOf(claimed),
      deferrals: claimed.deferrals ?? 0,
    });
    if (!permit.admitted) return putOff(found, permit.untilMs, permit.cause);

    const taskId = carriers.taskIdOf(carrier);
    const result = await send(carriers.eventOf(carrier, claimed), {
      url,
      workspace,
      ...(taskId !== undefined && { taskId }),
      ...attemptNumber(claimed),
    });
    const outcome = readAnswer(result, url);
    const [recorded] = await Promise.all([
      record(found, outcome, result.endedAtMs),
      release(permit, outcome),
    ]);
    const line = logLine(found, result, outcome, recorded);
    log.event('callback.attempted', { ...line, ...modeFields(workspace) });
    await Promise.all([taskId && writeLog(line, recorded !== undefined), recorded && wakeForNext(recorded)]);
  };
};

/** A redelivery has no number. */
const attemptNumber = (claimed: Delivery) =>
  triggerOf(claimed) === 'auto' ? { attempt: claimed.attempts + 1 } : {};

const logLine = (
  { carrier, claimed, url }: Claim<AnyCarrier>,
  { startedAtMs, durationsMs }: SendResult,
  outcome: AttemptOutcome,
  recorded: AnyCarrier | undefined,
): Omit<Attempt, 'id'> => ({
  taskId: carrier.id,
  eventId: claimed.eventId,
  type: claimed.type,
  trigger: triggerOf(claimed),
  ...attemptNumber(claimed),
  origin: new URL(url).origin,
  startedAtMs,
  durationsMs,
  delivered: outcome.delivered,
  ...(outcome.statusCode !== undefined && { statusCode: outcome.statusCode }),
  ...(!outcome.delivered && { errorClass: outcome.errorClass, cause: outcome.cause }),
  ...nextAttemptOf(recorded, claimed),
});

const nextAttemptOf = (recorded: AnyCarrier | undefined, { eventId }: Delivery) =>
  recorded?.delivery?.eventId === eventId && recorded.delivery.nextAttemptAtMs !== undefined
    ? { nextAttemptAtMs: recorded.delivery.nextAttemptAtMs }
    : {};
