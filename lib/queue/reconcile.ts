import type { Log } from '../observability/log.ts';
import { type Clock, minuteMs } from '../time.ts';
import type { Entries, Wake } from './entries.ts';
import {
  type EntryId,
  type QueueMembership,
  queueModel,
  sinceMsOf,
  taskIdOf,
  workspaceOfQueue,
} from './membership.ts';
import type { KnownQueue, QueueStore } from './queue-store.ts';
import type { HeldSlot, Slots } from './slots.ts';
import { type Entry, isInOrder } from './window.ts';

/** `isQueued`: it waits or is being handed over; otherwise the provider has it, or may have it. */
export type Member = { isQueued: boolean; membership?: QueueMembership | undefined };
/** Reads what a task says of itself; `undefined`: it has ended or is gone. */
export type FindMember = (taskId: string) => Promise<Member | undefined>;

type ReconcileDependencies = {
  store: Pick<QueueStore, 'queues' | 'front' | 'dequeue' | 'forget'>;
  slots: Pick<Slots, 'list' | 'giveBack'>;
  entries: Pick<Entries, 'wakeModel' | 'wakeWorkspace'>;
  wake: Wake;
  findMember: FindMember;
  now: Clock;
  log: Log;
};

/** So many entries of each queue are looked at; the next time goes on. */
const maxLookedAt = 100;
/** Something is stored before the task knows of it, but not so long before. */
const graceMs = minuteMs;

/** Whether an entry only keeps others waiting: its task waits no more, or at another position. */
const isAbandoned = (
  queue: string,
  { id, writtenAtMs }: Entry,
  member: Member | undefined,
  nowMs: number,
) => {
  if (member === undefined || !member.isQueued) return true;
  return nowMs - writtenAtMs > graceMs && !isEntryOf(member.membership, queue, id);
};

const isEntryOf = (membership: QueueMembership | undefined, queue: string, id: EntryId): boolean => {
  if (membership === undefined) return false;
  if (workspaceOfQueue(queue) !== undefined) return membership.sinceMs === sinceMsOf(id);
  if (membership.waitsFor === 'workspace') return false;
  return membership.entryId === undefined ? membership.sinceMs === sinceMsOf(id) : membership.entryId === id;
};

const isAbandonedSlot = ({ takenAtMs }: HeldSlot, member: Member | undefined, nowMs: number): boolean =>
  member === undefined ||
  (member.isQueued && member.membership?.slot === undefined && nowMs - takenAtMs > graceMs);

/** Clears what nobody uses any more, and wakes those whose wake-up got lost. */
export const createReconcile = (dependencies: ReconcileDependencies) => {
  const { store, slots, entries, wake, findMember, now, log } = dependencies;

  const clear = async (queue: string, entry: Entry): Promise<Entry[]> => {
    const taskId = taskIdOf(entry.id);
    const member = await findMember(taskId);
    if (!isAbandoned(queue, entry, member, now())) return [entry];
    await store.dequeue(queue, entry.id);
    // Its right entry may be lost as well.
    if (member?.isQueued) await wake(taskId);
    return [];
  };

  const clearSlots = async (workspaceId: string): Promise<void> => {
    for (const slot of await slots.list(workspaceId))
      if (isAbandonedSlot(slot, await findMember(slot.taskId), now()))
        await slots.giveBack(workspaceId, slot.taskId, slot);
  };

  /** Since when the longest-waiting task of a queue has waited. */
  const reconcileQueue = async (known: KnownQueue): Promise<number | undefined> => {
    const { queue, touchedAtMs } = known;
    const front = await store.front(queue, maxLookedAt, isInOrder);
    if (front.length === 0) {
      if (now() - touchedAtMs > graceMs) await store.forget(known);
      return undefined;
    }
    const waiting = (await Promise.all(front.map((entry) => clear(queue, entry)))).flat();
    const workspaceId = workspaceOfQueue(queue);
    if (workspaceId !== undefined) await clearSlots(workspaceId);
    if (workspaceId === undefined) await entries.wakeModel(queueModel(queue));
    else await entries.wakeWorkspace(workspaceId);
    return waiting.length > 0 ? Math.min(...waiting.map(({ id }) => sinceMsOf(id))) : undefined;
  };

  return async (): Promise<void> => {
    const queues = await store.queues();
    const done = await Promise.allSettled(queues.map(reconcileQueue));
    const oldest = done.flatMap((one) => (one.status === 'fulfilled' ? (one.value ?? []) : []));
    for (const one of done)
      if (one.status === 'rejected') log.event('queue.not-reconciled', { error: one.reason });
    log.event('queues.reconciled', {
      queues: queues.length,
      oldestWaitMs: oldest.length > 0 ? now() - Math.min(...oldest) : 0,
    });
  };
};
