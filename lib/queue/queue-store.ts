import * as z from 'zod/mini';
import { newWriteId, tookEffect } from '../aws/conditional-write.ts';
import { everyItem } from '../aws/every-item.ts';
import type { Item, ItemKey, Table } from '../aws/table.ts';
import { createRecentCache } from '../recent-cache.ts';
import { type Clock, dayMs, secondMs, toEpochSeconds } from '../time.ts';
import type { EntryId } from './membership.ts';
import { type Pace, storedPace } from './pace.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { type Entry, initialWindow, storedWindow } from './window.ts';

const queueState = z.object({ window: storedWindow, pace: z.optional(storedPace) });
/** What is known of a queue as a whole. Its item also says that there may be somebody in the queue. */
type QueueState = z.infer<typeof queueState>;
export type KnownQueue = { queue: string; touchedAtMs: number };
/** The first entries, and how fast they get on. `isComplete`: there are no more. */
type Snapshot = { entryIds: readonly EntryId[]; isComplete: boolean; pace: Pace | undefined };

/** Who waits in which queue, in which order, and what was learned of it. */
export type QueueStore = {
  /** Whether nobody waits; up to two seconds old. */
  isEmpty(queue: string): Promise<boolean>;
  /** The first entries in their order, until so many of them that count. */
  front(queue: string, count: number, counts: (entry: Entry) => boolean): Promise<Entry[]>;
  /** The first thousand entries, up to two seconds old. */
  snapshot(queue: string): Promise<Snapshot>;
  state(queue: string): Promise<QueueState>;
  /** Changes what is known of a queue. Gives up, changing nothing, where others keep changing it. */
  learn(queue: string, change: (state: QueueState) => QueueState): Promise<QueueState>;
  /** Puts a task in a queue, or writes its entry anew. */
  enqueue(queue: string, entryId: EntryId, isAside?: boolean): Promise<void>;
  /** Notes that a task asks the provider, if it is still in the queue. */
  markAsking(queue: string, entryId: EntryId, untilMs: number): Promise<void>;
  dequeue(queue: string, entryId: EntryId): Promise<void>;
  takeRound: Rounds['take'];
  /** All queues whose name begins so, perhaps empty ones among them. */
  queues(prefix?: string): Promise<KnownQueue[]>;
  /** Forgets an empty queue, unless somebody touched it since. */
  forget(known: KnownQueue): Promise<void>;
};

const knownForMs = 2 * secondMs;
const maxKnown = 1_000;
/** Of longer queues the end is not known: nobody waits so long. */
const maxCounted = 1_000;
const maxTries = 8;
/** Longer than any task's deadline; DynamoDB's TTL takes away what workers that died left behind. */
const keptMs = 3 * dayMs;
/** A queue is known to the reconciliation for at least so long after a task was put in it. */
const touchedForMs = 30 * secondMs;
const extraEntries = 10;

const stateKey = (queue: string): ItemKey => ({ pk: 'QUEUES#ALL', sk: queue });
const directory = stateKey('').pk;
const entriesOf = (queue: string) => `QUEUE#${queue}`;
const entryKey = (queue: string, entryId: EntryId): ItemKey => ({ pk: entriesOf(queue), sk: entryId });

const storedEntry = z.object({
  sk: z.string(),
  askingUntilMs: z.number(),
  isAside: z.boolean(),
  writtenAtMs: z.number(),
});
const storedState = z.object({
  sk: z.string(),
  touchedAtMs: z.number(),
  version: z._default(z.number(), 0),
  learned: z.optional(queueState),
});

const toEntry = (item: Item): Entry => {
  const { sk: id, ...entry } = storedEntry.parse(item);
  return { id, ...entry };
};

export const createQueueStore = (table: Table, now: Clock): QueueStore => {
  const cached = { maxAgeMs: knownForMs, maxEntries: maxKnown, now };
  const peeked = createRecentCache<{ isEmpty: boolean }>(cached);
  const snapshots = createRecentCache<Snapshot>(cached);
  const touched = createRecentCache<true>({ ...cached, maxAgeMs: touchedForMs });
  const expiry = () => toEpochSeconds(now() + keptMs);
  const rounds = createRounds(table, expiry);

  const readState = async (queue: string) => {
    const { Item } = await table.get({ Key: stateKey(queue), ConsistentRead: true });
    return Item && storedState.parse(Item);
  };
  const learnedIn = (stored: z.infer<typeof storedState> | undefined): QueueState =>
    stored?.learned ?? { window: initialWindow };

  const readEntries = async (queue: string, limit: number, ConsistentRead: boolean, after?: Item) => {
    const readAtMs = now();
    const { Items, LastEvaluatedKey } = await table.query({
      KeyConditionExpression: 'pk = :queue',
      ExpressionAttributeValues: { ':queue': entriesOf(queue) },
      Limit: limit,
      ConsistentRead,
      ...(after && { ExclusiveStartKey: after }),
    });
    if (after === undefined) peeked.put(queue, { isEmpty: Items.length === 0 }, readAtMs);
    return { entries: Items.map(toEntry), next: LastEvaluatedKey };
  };

  /** So that the reconciliation finds the queue; before anybody is in it. */
  const touch = async (queue: string): Promise<void> => {
    if (touched.get(queue)) return;
    const touchedAtMs = now();
    await table.update({
      Key: stateKey(queue),
      UpdateExpression: 'SET touchedAtMs = :now, expiresAtSeconds = :expiry',
      ExpressionAttributeValues: { ':now': touchedAtMs, ':expiry': expiry() },
    });
    touched.put(queue, true, touchedAtMs);
  };

  return {
    async isEmpty(queue) {
      const known = peeked.get(queue);
      if (known !== undefined) return known.isEmpty;
      return (await readEntries(queue, 1, true)).entries.length === 0;
    },
    async front(queue, count, counts) {
      const found: Entry[] = [];
      let after: Item | undefined;
      do {
        const { entries, next } = await readEntries(queue, count + extraEntries, true, after);
        found.push(...entries);
        after = next;
      } while (after !== undefined && found.filter(counts).length < count);
      return found;
    },
    async snapshot(queue) {
      const known = snapshots.get(queue);
      if (known !== undefined) return known;
      const readAtMs = now();
      const [{ entries }, state] = await Promise.all([
        readEntries(queue, maxCounted, false),
        readState(queue),
      ]);
      const { pace } = learnedIn(state);
      const entryIds = entries.map(({ id }) => id);
      const snapshot = { entryIds, isComplete: entryIds.length < maxCounted, pace };
      snapshots.put(queue, snapshot, readAtMs);
      return snapshot;
    },
    async state(queue) {
      return learnedIn(await readState(queue));
    },
    async learn(queue, change) {
      let learned: QueueState = { window: initialWindow };
      for (let attempt = 1; attempt <= maxTries; attempt += 1) {
        const before = await readState(queue);
        const seen = learnedIn(before);
        learned = change(seen);
        if (learned === seen) return seen;
        const written = table.update({
          Key: stateKey(queue),
          UpdateExpression:
            'SET learned = :learned, version = :next, writeId = :own, touchedAtMs = :now, expiresAtSeconds = :expiry',
          // A write whose answer got lost is repeated by the SDK, and must not teach the same twice.
          ConditionExpression: 'attribute_not_exists(version) OR version = :seen OR writeId = :own',
          ExpressionAttributeValues: {
            ':own': newWriteId(),
            ':learned': learned,
            ':seen': before?.version ?? 0,
            ':next': (before?.version ?? 0) + 1,
            ':now': now(),
            ':expiry': expiry(),
          },
        });
        if (await tookEffect(written)) return learned;
      }
      return learned;
    },
    async enqueue(queue, entryId, isAside = false) {
      await touch(queue);
      const entry = { askingUntilMs: 0, isAside, writtenAtMs: now() };
      await table.put({ Item: { ...entryKey(queue, entryId), ...entry, expiresAtSeconds: expiry() } });
      peeked.put(queue, { isEmpty: false }, now());
    },
    async markAsking(queue, entryId, untilMs) {
      await tookEffect(
        table.update({
          Key: entryKey(queue, entryId),
          UpdateExpression: 'SET askingUntilMs = :until',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':until': untilMs },
        }),
      );
    },
    async dequeue(queue, entryId) {
      await table.delete({ Key: entryKey(queue, entryId) });
    },
    takeRound: rounds.take,
    async queues(prefix = '') {
      const items = everyItem(table, {
        KeyConditionExpression: `pk = :directory${prefix && ' AND begins_with(sk, :prefix)'}`,
        ExpressionAttributeValues: { ':directory': directory, ':prefix': prefix || undefined },
        ConsistentRead: true,
      });
      const found: KnownQueue[] = [];
      for await (const item of items) {
        const { sk: queue, touchedAtMs } = storedState.parse(item);
        found.push({ queue, touchedAtMs });
      }
      return found;
    },
    async forget({ queue, touchedAtMs }) {
      await rounds.forget(queue);
      await tookEffect(
        table.delete({
          Key: stateKey(queue),
          ConditionExpression: 'touchedAtMs = :seen',
          ExpressionAttributeValues: { ':seen': touchedAtMs },
        }),
      );
    },
  };
};
