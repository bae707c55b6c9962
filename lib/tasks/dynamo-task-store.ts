import { newWriteId, tookEffect, unlessConditionFailed } from '../aws/conditional-write.ts';
import type { Item, Table } from '../aws/table.ts';
import { defaultDueShards } from '../limits.ts';
import { type Clock, toEpochSeconds } from '../time.ts';
import { orderAt, orderOf } from './event-order.ts';
import { type EndedTask, isEnded, type Task, taskSchema } from './task.ts';
import { foreignFields, idOf, keyOf, toItem } from './task-item.ts';
import { statusOf } from './task-status.ts';
import type {
  ChangeOutcome,
  CostBook,
  CreateOutcome,
  ListQuery,
  TaskPage,
  TaskPlace,
  TaskStore,
} from './task-store.ts';
import { tombstone, tombstoneOf } from './tombstone.ts';

/** Losing more races in a row than this means that something is wrong, not busy. */
const maxTries = 8;
/** As many as one BatchGet takes. A filtered list looks through so many pages and then says that there may be more. */
const listPageSize = 100;
const maxListPages = 10;

/** Later than any task. */
const endOfTimeMs = 999_999_999_999_999;

type Written = { written: true } | { written: false; current: Task | undefined };

/** Books nothing, as before there was a ledger. */
const noBook: CostBook = { enter: async () => true, withdraw: async () => {} };

type DynamoTaskStoreOptions = { book?: CostBook; dueShards?: number };

/** Tasks as items of the one table. Each change replaces the item, on condition that nobody else wrote meanwhile. */
export const createDynamoTaskStore = (
  table: Table,
  now: Clock,
  { book = noBook, dueShards = defaultDueShards }: DynamoTaskStoreOptions = {},
): TaskStore => {
  const foreign = new WeakMap<Task, Item>();

  /** TTL deletes some time after the expiry, so it is filtered here. */
  const fromItem = (item: Item | undefined): Task | undefined => {
    if (item === undefined || item['isRemoved'] === true) return undefined;
    const task = taskSchema.parse(item);
    foreign.set(task, foreignFields(item));
    return task.expiresAtSeconds > toEpochSeconds(now()) ? task : undefined;
  };

  const readItem = async (taskId: string): Promise<Item | undefined> => {
    const { Item } = await table.get({ Key: keyOf(taskId), ConsistentRead: true });
    return Item;
  };

  const findRemoved = async (taskId: string): Promise<TaskPlace | undefined> => {
    const { data } = tombstone.safeParse(await readItem(taskId));
    return data !== undefined && data.expiresAtSeconds > toEpochSeconds(now()) ? data : undefined;
  };

  const find = async (taskId: string): Promise<Task | undefined> => fromItem(await readItem(taskId));

  /**
   * Writes on a condition. A write whose answer got lost is repeated by the SDK, and then fails on its own effect: the id
   * of the write, which stands on the item, tells.
   */
  const putIf = async (task: Task, condition: string, values: Item): Promise<Written> => {
    const writeId = newWriteId();
    const put = table.put({
      Item: { ...foreign.get(task), ...toItem(task, dueShards), writeId },
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    });
    if (await tookEffect(put)) return { written: true };
    const item = await readItem(task.id);
    return item?.['writeId'] === writeId ? { written: true } : { written: false, current: fromItem(item) };
  };

  const create = async (task: Task): Promise<CreateOutcome> => {
    // An item that has expired may still wait for its deletion.
    const outcome = await putIf(task, 'attribute_not_exists(pk) OR expiresAtSeconds <= :now', {
      ':now': toEpochSeconds(now()),
    });
    if (outcome.written) return { created: true };
    if (outcome.current !== undefined) return { created: false, existing: outcome.current };
    return (await findRemoved(task.id)) ? { created: false, existing: 'deleted' } : create(task);
  };

  const change = async (
    taskId: string,
    decide: (task: Task) => Task | undefined,
    seenBefore?: Task,
  ): Promise<ChangeOutcome> => {
    let seen = seenBefore ?? (await find(taskId));
    for (let attempt = 1; attempt <= maxTries; attempt += 1) {
      const decided = seen && decide(seen);
      if (seen === undefined || decided === undefined) return { changed: false, task: seen };
      const version = seen.version + 1;
      const end = endOf(seen, { ...decided, version });
      // Only whoever booked the end of a version may write it. Anybody else takes that version away first.
      const isOvertaking = end !== undefined && !(await book.enter(end));
      const task = isOvertaking ? { ...seen, version } : { ...decided, version };
      foreign.set(task, foreign.get(seen) ?? {});
      const outcome = await putIf(task, 'version = :seen', { ':seen': seen.version });
      if (outcome.written && !isOvertaking) return { changed: true, task };
      seen = outcome.written ? task : outcome.current;
      if (end !== undefined && !isOvertaking && seen !== undefined && !isEnded(seen))
        await book.withdraw(end);
    }
    throw changedByOthers(taskId);
  };

  const remove = async (taskId: string): Promise<boolean> => {
    for (let attempt = 1; attempt <= maxTries; attempt += 1) {
      const task = await find(taskId);
      if (task === undefined) return (await findRemoved(taskId)) !== undefined;
      if (!isEnded(task)) return false;
      const put = table.put({
        // Without the attributes of the indexes.
        Item: { ...keyOf(taskId), ...tombstoneOf(task) },
        ConditionExpression: 'version = :seen',
        ExpressionAttributeValues: { ':seen': task.version },
      });
      if (await tookEffect(put)) return true;
    }
    throw changedByOthers(taskId);
  };

  const findAll = async (taskIds: string[]): Promise<Task[]> => {
    if (taskIds.length === 0) return [];
    const items = await table.batchGet({ Keys: taskIds.map(keyOf), ConsistentRead: true });
    const found = new Map(items.map((item) => [idOf(item), fromItem(item)]));
    return taskIds.flatMap((id) => found.get(id) ?? []);
  };

  const list = async (query: ListQuery): Promise<TaskPage> => {
    const { workspaceId, limit, after, order, status, kind, sinceMs = 0, untilMs = endOfTimeMs } = query;
    const tasks: Task[] = [];
    let lastTaskId = after?.id;
    const isBefore = after !== undefined && after.createdAtMs < sinceMs;
    const isBehind = after !== undefined && after.createdAtMs >= untilMs;
    if (sinceMs > untilMs || (order === 'asc' ? isBehind : isBefore))
      return { tasks, hasMore: false, lastTaskId };
    // DynamoDB takes no start outside the range.
    let startKey: Item | undefined =
      after === undefined || isBefore || isBehind
        ? undefined
        : { ...keyOf(after.id), workspaceId, createdOrder: orderAt(after.createdAtMs, after.id) };
    for (let page = 0; page < maxListPages; page += 1) {
      const { Items, LastEvaluatedKey } = await table.query({
        IndexName: 'by-workspace',
        // Without an id behind it, the end stands before all tasks of its millisecond.
        KeyConditionExpression: 'workspaceId = :workspace AND createdOrder BETWEEN :since AND :until',
        ExpressionAttributeValues: {
          ':workspace': workspaceId,
          ':since': orderOf(sinceMs),
          ':until': orderOf(untilMs),
        },
        ScanIndexForward: order === 'asc',
        Limit: status === undefined && kind === undefined ? Math.min(limit + 1, listPageSize) : listPageSize,
        ExclusiveStartKey: startKey,
      });
      for (const task of await findAll(Items.map(idOf))) {
        if (tasks.length === limit) return { tasks, hasMore: true, lastTaskId };
        lastTaskId = task.id;
        if ((status ?? statusOf(task)) === statusOf(task) && (kind ?? task.kind) === task.kind)
          tasks.push(task);
      }
      if (LastEvaluatedKey === undefined) return { tasks, hasMore: false, lastTaskId };
      startKey = LastEvaluatedKey;
    }
    return { tasks, hasMore: true, lastTaskId };
  };

  const listDue: TaskStore['listDue'] = async (shard, nowMs, limit, after) => {
    const { Items, LastEvaluatedKey } = await table.query({
      IndexName: 'by-due',
      KeyConditionExpression: 'dueShard = :shard AND dueAtMs <= :now',
      ExpressionAttributeValues: { ':shard': shard, ':now': nowMs },
      Limit: limit,
      ExclusiveStartKey: after,
    });
    return { taskIds: Items.map(idOf), next: LastEvaluatedKey };
  };

  const listEvents: TaskStore['listEvents'] = async (workspaceId, afterOrder, limit) => {
    const { Items } = await table.query({
      IndexName: 'by-end',
      KeyConditionExpression: 'workspaceId = :workspace AND endedOrder > :after',
      ExpressionAttributeValues: { ':workspace': workspaceId, ':after': afterOrder },
      Limit: limit,
    });
    return Items.map((item) => ({ id: idOf(item), order: String(item['endedOrder']) }));
  };

  const postpone = async (taskId: string, seenVersion: number, untilMs: number): Promise<void> => {
    await unlessConditionFailed(
      table.update({
        Key: keyOf(taskId),
        UpdateExpression: 'SET dueAtMs = :until',
        ConditionExpression: 'version = :seen AND attribute_exists(dueShard)',
        ExpressionAttributeValues: { ':until': untilMs, ':seen': seenVersion },
      }),
    );
  };

  return { create, find, findAll, change, remove, findRemoved, list, listDue, listEvents, postpone };
};

/** The task, if this change is its end. */
const endOf = (before: Task, after: Task): EndedTask | undefined =>
  !isEnded(before) && isEnded(after) ? after : undefined;

const changedByOthers = (taskId: string): Error =>
  new Error(`task ${taskId} was changed by others ${maxTries} times in a row`);
