import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Queues } from '../aws/queues.ts';
import type { Log } from '../observability/log.ts';
import type { Delivery } from '../tasks/delivery.ts';
import { requestRedelivery } from '../tasks/redelivery.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import type { WorkspaceEventStore } from '../tasks/workspace-event-store.ts';
import { type Clock, dayMs } from '../time.ts';
import type { Carrier } from './delivery.ts';
import type { RecoveryRange, RunningRecovery } from './running-recovery.ts';

const maxRecovered = 10_000;
const pageSize = 50;
/** A recovery looks at so many pages of tasks, and no more; a later one can begin where it stopped. */
const maxPages = 1_000;
/** A task is listed by its creation, and may run so long before its event happens. */
const maxTaskMs = dayMs;

/** What is left of one recovery. It travels from page to page in a message, for no function runs long enough. */
export const recoveryMessage = z.object({
  recovery: z.object({
    workspaceId: z.string(),
    recoveryId: z.string(),
    sinceMs: z.number(),
    untilMs: z.number(),
    /** Events that may still be sent again. */
    remaining: z._default(z.number(), maxRecovered),
    /** Pages that may still be looked at. */
    pagesLeft: z._default(z.number(), maxPages),
    /** The last task that was looked at. */
    afterTaskId: z.optional(z.string()),
  }),
});
type Recovery = z.infer<typeof recoveryMessage>['recovery'];

/** A new recovery names only whose events and of which time. */
export type RecoveryInput = z.input<typeof recoveryMessage>['recovery'];

/** Puts a recovery, or the rest of one, into the queue of callbacks. */
type ContinueRecovery = (recovery: RecoveryInput) => Promise<void>;

export const createContinueRecovery =
  (queues: Queues, queueUrl: string): ContinueRecovery =>
  async (recovery) => {
    await queues.send({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify({ recovery }),
      MessageGroupId: recovery.workspaceId,
    });
  };

/** Starts a recovery unless one of the workspace runs; then answers the time of that one. */
export type StartRecovery = (workspaceId: string, range: RecoveryRange) => Promise<RecoveryRange | 'begun'>;

export const createStartRecovery =
  (running: RunningRecovery, continueRecovery: ContinueRecovery): StartRecovery =>
  async (workspaceId, range) => {
    const recoveryId = randomUUID();
    const begun = await running.begin(workspaceId, recoveryId, range);
    if (begun !== 'begun') return begun;
    try {
      await continueRecovery({ workspaceId, recoveryId, ...range });
    } catch (error) {
      await running.end(workspaceId, recoveryId);
      throw error;
    }
    return 'begun';
  };

/** An event whose first attempt is still to come needs no help. */
const isLost = (delivery: Delivery | undefined, { sinceMs, untilMs }: Recovery): delivery is Delivery =>
  delivery !== undefined &&
  delivery.state !== 'delivered' &&
  (delivery.state === 'failed' || delivery.attempts > 0) &&
  delivery.createdAtMs >= sinceMs &&
  delivery.createdAtMs <= untilMs;

type Dependencies = {
  tasks: TaskStore;
  workspaceEvents: Pick<WorkspaceEventStore, 'change'>;
  /** The ids that a workspace's events about none of its tasks have, or would have, in some time. */
  workspaceEventIds(workspaceId: string, range: RecoveryRange): readonly string[];
  wakeUps: Pick<WakeUps, 'sendDeliver'>;
  running: Pick<RunningRecovery, 'extend' | 'end'>;
  continueRecovery: ContinueRecovery;
  now: Clock;
  log: Log;
};

/** Makes one page of a workspace's undelivered events due, newest first, and hands on the rest. */
export const createRecoverPage = (dependencies: Dependencies) => {
  const { tasks, workspaceEvents, workspaceEventIds, wakeUps, running, continueRecovery, now, log } =
    dependencies;

  const redeliveryOf =
    (recovery: Recovery) =>
    <One extends Carrier>(current: One): One | undefined =>
      isLost(current.delivery, recovery) ? requestRedelivery(current, undefined, now()) : undefined;

  /** They are few, and go with the first page. */
  const recoverWorkspaceEvents = async (recovery: Recovery): Promise<void> => {
    const { workspaceId } = recovery;
    const recoverOne = async (id: string): Promise<void> => {
      const event = await workspaceEvents.change(id, redeliveryOf(recovery));
      if (event !== undefined) await wakeUps.sendDeliver({ taskId: id, eventId: id }, workspaceId);
    };
    await Promise.all(workspaceEventIds(workspaceId, recovery).map(recoverOne));
  };

  /** What is left after this page; nothing when it was the last. */
  const recoverPage = async (recovery: Recovery): Promise<RecoveryInput | undefined> => {
    const { workspaceId, afterTaskId, remaining, pagesLeft } = recovery;
    const after =
      afterTaskId === undefined
        ? undefined
        : ((await tasks.find(afterTaskId)) ?? (await tasks.findRemoved(afterTaskId)));
    // All that follow a forgotten task are older still.
    if (afterTaskId !== undefined && after === undefined) return undefined;
    const page = await tasks.list({ workspaceId, limit: pageSize, ...(after && { after }) });

    const recoverOne = async (task: Task): Promise<void> => {
      const change = await tasks.change(task.id, redeliveryOf(recovery), task);
      if (change.changed && change.task.delivery !== undefined)
        await wakeUps.sendDeliver({ taskId: task.id, eventId: change.task.delivery.eventId }, workspaceId);
    };
    if (after === undefined) await recoverWorkspaceEvents(recovery);
    const lost = page.tasks.filter(({ delivery }) => isLost(delivery, recovery)).slice(0, remaining);
    await Promise.all(lost.map(recoverOne));
    log.event('callbacks.recovered', { workspaceId, events: lost.length });

    const last = page.tasks.at(-1);
    const left = remaining - lost.length;
    if (!page.hasMore || last === undefined || left <= 0) return undefined;
    if (last.createdAtMs < recovery.sinceMs - maxTaskMs) return undefined;
    if (pagesLeft > 1)
      return { ...recovery, remaining: left, pagesLeft: pagesLeft - 1, afterTaskId: last.id };
    log.event('callbacks.recovery-cut', { workspaceId, pages: maxPages });
    return undefined;
  };

  return async (recovery: Recovery): Promise<void> => {
    const { workspaceId, recoveryId } = recovery;
    if (!(await running.extend(workspaceId, recoveryId))) return;
    const rest = await recoverPage(recovery);
    if (rest === undefined) await running.end(workspaceId, recoveryId);
    else await continueRecovery(rest);
  };
};
