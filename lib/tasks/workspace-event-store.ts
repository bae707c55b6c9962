import { newWriteId, tookEffect } from '../aws/conditional-write.ts';
import type { Item, Table } from '../aws/table.ts';
import { type Clock, toEpochSeconds } from '../time.ts';
import { attemptDueAtMs } from './due.ts';
import { orderAt } from './event-order.ts';
import { type WorkspaceEvent, workspaceEvent } from './workspace-event.ts';

/** Each change replaces the item, on condition that nobody else wrote meanwhile, as with tasks. What has expired is gone. */
export type WorkspaceEventStore = {
  /** `false`: it is there already. */
  create(event: WorkspaceEvent): Promise<boolean>;
  /** Those that there are among up to 100 ids. */
  findAll(ids: readonly string[]): Promise<WorkspaceEvent[]>;
  /** Answers the changed event; nothing where the decision was to leave it, or there is none. */
  change(
    id: string,
    decide: (event: WorkspaceEvent) => WorkspaceEvent | undefined,
  ): Promise<WorkspaceEvent | undefined>;
  /** The ids of those of which an attempt is due. May lag. */
  listDue(): Promise<string[]>;
};

/** Where the sweep finds them in the due index: in no shard of the tasks. */
const eventShard = -2;
const maxDue = 100;
/** Losing more races in a row than this means that something is wrong, not busy. */
const maxTries = 8;

const keyOf = (id: string) => ({ pk: `EVENT#${id}`, sk: 'EVENT' });

const toItem = (event: WorkspaceEvent) => {
  const dueAtMs = event.delivery && attemptDueAtMs(event.delivery);
  return {
    ...keyOf(event.id),
    ...event,
    endedOrder: orderAt(event.createdAtMs, event.id),
    ...(dueAtMs !== undefined && { dueShard: eventShard, dueAtMs }),
  };
};

export const createWorkspaceEventStore = (table: Table, now: Clock): WorkspaceEventStore => {
  /** TTL deletes some time after the expiry. */
  const fromItem = (item: Item): WorkspaceEvent | undefined => {
    const event = workspaceEvent.parse(item);
    return event.expiresAtSeconds > toEpochSeconds(now()) ? event : undefined;
  };
  const readItem = async (id: string): Promise<Item | undefined> => {
    const { Item } = await table.get({ Key: keyOf(id), ConsistentRead: true });
    return Item;
  };

  /** Whether it was written. A write whose answer got lost is repeated by the SDK, and then fails on its own effect. */
  const putIf = async (event: WorkspaceEvent, condition: string, values?: Item): Promise<boolean> => {
    const writeId = newWriteId();
    const put = table.put({
      Item: { ...toItem(event), writeId },
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    });
    return (await tookEffect(put)) || (await readItem(event.id))?.['writeId'] === writeId;
  };

  return {
    create: (event) => putIf(event, 'attribute_not_exists(pk)'),
    async findAll(ids) {
      if (ids.length === 0) return [];
      const items = await table.batchGet({ Keys: ids.map(keyOf), ConsistentRead: true });
      return items.flatMap((item) => fromItem(item) ?? []);
    },
    async change(id, decide) {
      for (let attempt = 1; attempt <= maxTries; attempt += 1) {
        const item = await readItem(id);
        const seen = item && fromItem(item);
        const decided = seen && decide(seen);
        if (seen === undefined || decided === undefined) return undefined;
        const event = { ...decided, version: seen.version + 1 };
        if (await putIf(event, 'version = :seen', { ':seen': seen.version })) return event;
      }
      throw new Error(`event ${id} was changed by others ${maxTries} times in a row`);
    },
    async listDue() {
      const { Items } = await table.query({
        IndexName: 'by-due',
        KeyConditionExpression: 'dueShard = :shard AND dueAtMs <= :now',
        ExpressionAttributeValues: { ':shard': eventShard, ':now': now() },
        Limit: maxDue,
      });
      return Items.map(({ pk }) => String(pk).slice('EVENT#'.length));
    },
  };
};
