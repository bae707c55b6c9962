import { newWriteId, tookEffect, unlessConditionFailed } from '../aws/conditional-write.ts';
import { everyItem } from '../aws/every-item.ts';
import type { Item, ItemKey, Table } from '../aws/table.ts';
import type { EndedTask } from '../tasks/task.ts';
import type { CostBook } from '../tasks/task-store.ts';
import { dayMs, toEpochSeconds, utcDay } from '../time.ts';
import { entryOfTask, type LedgerEntry, type LedgerPlace, ledgerEntry } from './ledger-entry.ts';

/** How long an entry is kept, and so how far back a report can reach. */
export const ledgerDays = 400;

const pageKey = (workspaceId: string, day: string): string => `LEDGER#${workspaceId}#${day}`;
const keyOf = ({ workspaceId, id, createdAtMs }: LedgerPlace) => ({
  pk: pageKey(workspaceId, utcDay(createdAtMs)),
  sk: id,
});
const itemOf = (place: LedgerPlace, entry: LedgerEntry): Item & ItemKey => ({
  ...keyOf(place),
  ...entry,
  expiresAtSeconds: toEpochSeconds(place.createdAtMs + ledgerDays * dayMs),
});

/**
 * What everything cost, an entry for each task by its id. An entry is written before the end that it tells of, and only
 * whoever wrote it may write that end, so every task that has ended has the entry of that very end: nothing is owed after
 * a crash, and no second item need be written to say so.
 */
export type Ledger = CostBook & {
  /** For what has no task: writes or overwrites an entry. */
  put(place: LedgerPlace, entry: LedgerEntry): Promise<void>;
  /** A workspace's entries of one day. */
  read(workspaceId: string, day: string): AsyncGenerator<LedgerEntry>;
};

export const createLedger = (table: Table): Ledger => ({
  async enter(task: EndedTask) {
    // A write whose answer got lost is repeated by the SDK, and then fails on its own effect.
    const writeId = newWriteId();
    const isEntered = await tookEffect(
      table.put({
        Item: { ...itemOf(task, entryOfTask(task)), version: task.version, writeId },
        // One without a version is of a request with the same name that failed before a task took its place.
        ConditionExpression: 'attribute_not_exists(version) OR version < :version',
        ExpressionAttributeValues: { ':version': task.version },
      }),
    );
    if (isEntered) return true;
    const { Item } = await table.get({ Key: keyOf(task), ConsistentRead: true });
    return Item?.['writeId'] === writeId;
  },
  async withdraw(task) {
    await unlessConditionFailed(
      table.delete({
        Key: keyOf(task),
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':version': task.version },
      }),
    );
  },
  put: (place, entry) => table.put({ Item: itemOf(place, entry) }),
  async *read(workspaceId, day) {
    const items = everyItem(table, {
      KeyConditionExpression: 'pk = :page',
      ExpressionAttributeValues: { ':page': pageKey(workspaceId, day) },
      ConsistentRead: true,
    });
    for await (const item of items) yield ledgerEntry.parse(item);
  },
});
