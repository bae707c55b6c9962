import * as z from 'zod/mini';
import type { Queues } from '../aws/queues.ts';
import type { Log } from '../log.ts';
import { requestRedelivery } from '../tasks/redelivery.ts';
import type { Delivery, Task } from '../tasks/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import { type Clock, dayMs } from '../time.ts';

const mostRecovered = 10_000;
const pageSize = 50;
/** A task is listed by its creation, and may run so long before its event happens. */
const longestTaskMs = dayMs;

/** What is left of one recovery. It travels from page to page in a message, for no function runs long enough. */
export const recoveryMessage = z.object({
  recovery: z.object({
    workspaceId: z.string(),
    sinceMs: z.number(),
    untilMs: z.number(),
    /** Events that may still be sent again. */
    remaining: z._default(z.number(), mostRecovered),
    /** The last task that was looked at. */
    afterTaskId: z.optional(z.string()),
  }),
});
export type Recovery = z.infer<typeof recoveryMessage>['recovery'];

/** A new recovery names only whose events and of which time. */
export type RecoveryWish = z.input<typeof recoveryMessage>['recovery'];

/** Puts a recovery, or the rest of one, into the queue of callbacks. */
export type ContinueRecovery = (recovery: RecoveryWish) => Promise<void>;

export const createContinueRecovery =
  (queues: Queues, queueUrl: string): ContinueRecovery =>
  async (recovery) => {
    await queues.send({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify({ recovery }),
      MessageGroupId: recovery.workspaceId,
    });
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
  wakeUps: Pick<WakeUps, 'deliver'>;
  continueRecovery: ContinueRecovery;
  now: Clock;
  log: Log;
};

/** Makes one page of a workspace's undelivered events due, newest first, and hands on the rest. */
export const createRecoverPage =
  ({ tasks, wakeUps, continueRecovery, now, log }: Dependencies) =>
  async (recovery: Recovery): Promise<void> => {
    const { workspaceId, afterTaskId, remaining } = recovery;
    const after = afterTaskId === undefined ? undefined : await tasks.find(afterTaskId);
    // All that follow a forgotten task are older still.
    if (afterTaskId !== undefined && after === undefined) return;
    const page = await tasks.list({ workspaceId, limit: pageSize, ...(after && { after }) });

    const recoverOne = async (task: Task): Promise<void> => {
      const change = await tasks.change(
        task.id,
        (current) =>
          isLost(current.delivery, recovery) ? requestRedelivery(current, undefined, now()) : undefined,
        task,
      );
      if (change.changed && change.task.delivery !== undefined)
        await wakeUps.deliver({ taskId: task.id, eventId: change.task.delivery.eventId }, workspaceId);
    };
    const lost = page.tasks.filter(({ delivery }) => isLost(delivery, recovery)).slice(0, remaining);
    await Promise.all(lost.map(recoverOne));
    log.info('events recovered', { workspaceId, events: lost.length });

    const last = page.tasks.at(-1);
    const left = remaining - lost.length;
    if (!page.hasMore || last === undefined || left <= 0) return;
    if (last.createdAtMs < recovery.sinceMs - longestTaskMs) return;
    await continueRecovery({ ...recovery, remaining: left, afterTaskId: last.id });
  };
