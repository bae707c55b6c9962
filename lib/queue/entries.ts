import { type Clock, minuteMs, withJitter } from '../time.ts';
import {
  type EntryId,
  entryIdFor,
  modelQueue,
  parkedEntryId,
  parkedQueue,
  parkedQueuesOf,
  type QueueMembership,
  roundOf,
  taskIdOf,
} from './membership.ts';
import type { QueueRequest, Waiting } from './queue.ts';
import type { QueueStore } from './queue-store.ts';
import { type Entry, isInOrder, maxAsking, toleranceMs, whoMayAsk } from './window.ts';

export type Wake = (taskId: string) => Promise<void>;

/** Whoever waits is woken when it may go on. Should that get lost, it looks itself; within what SQS can delay. */
const backstopMs = 13 * minuteMs;
const jitter = 0.1;

type Dependencies = { store: QueueStore; wake: Wake; now: Clock; random: () => number };

/** What is done to a task's entries in the queues, and who is woken then. */
export const createEntries = ({ store, wake, now, random }: Dependencies) => {
  const isAsking = ({ askingUntilMs }: Entry): boolean => askingUntilMs > now();
  const isIdle = (entry: Entry): boolean => !isAsking(entry);
  const wakeIdle = async (entries: readonly Entry[]): Promise<void> => {
    await Promise.all(entries.filter(isIdle).map(({ id }) => wake(taskIdOf(id))));
  };

  /** Wakes those who may ask the provider and do not ask already. Whoever may not go on finds that out. */
  const wakeModel = async (model: string): Promise<void> => {
    const queue = modelQueue(model);
    const { window } = await store.state(queue);
    await wakeIdle(whoMayAsk(await store.front(queue, maxAsking(window), isInOrder), window));
  };

  /** Wakes the first of a workspace's tasks for each model. */
  const wakeWorkspace = async (workspaceId: string): Promise<void> => {
    const queues = await store.queues(parkedQueuesOf(workspaceId));
    const fronts = await Promise.all(queues.map(({ queue }) => store.front(queue, 1, isIdle)));
    await wakeIdle(fronts.flatMap((entries) => entries.find(isIdle) ?? []));
  };

  return {
    isAsking,
    isIdle,
    wakeModel,
    wakeWorkspace,

    /** An entry behind those of the same workspace, and otherwise in the round of whoever is first. */
    async entryIdBehind(
      { model, workspaceId, taskId }: QueueRequest,
      { sinceMs }: QueueMembership,
      entries: readonly Entry[],
    ): Promise<EntryId> {
      const first = entries.find(isInOrder) ?? entries[0];
      // Rounds of an empty queue start at the time in milliseconds, beyond all that were ever served.
      const earliest = first === undefined ? now() : roundOf(first.id);
      return entryIdFor(await store.takeRound(modelQueue(model), workspaceId, earliest), sinceMs, taskId);
    },

    async dequeueFromModel({ model }: QueueRequest, { entryId }: QueueMembership): Promise<void> {
      if (entryId === undefined) return;
      await store.dequeue(modelQueue(model), entryId);
      await wakeModel(model);
    },

    /** Changes its entry in its workspace's queue, if it has one. */
    async whereParked(
      { model, workspaceId, taskId }: QueueRequest,
      { sinceMs, isParked }: QueueMembership,
      change: (queue: string, entryId: EntryId) => Promise<void>,
    ): Promise<void> {
      if (isParked) await change(parkedQueue(workspaceId, model), parkedEntryId(sinceMs, taskId));
    },

    /** `atMs`: when it tries again by itself. An earlier arrangement stays, so that tries do not multiply the messages. */
    waitUntil(member: QueueMembership, atMs = now() + withJitter(backstopMs, jitter, random())): Waiting {
      const { retryAtMs: known = 0 } = member;
      const retryAtMs = known > now() + toleranceMs ? Math.min(known, atMs) : atMs;
      return { membership: { ...member, retryAtMs }, retryAtMs };
    },
  };
};
export type Entries = ReturnType<typeof createEntries>;
