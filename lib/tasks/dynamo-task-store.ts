import { isDeepStrictEqual } from 'node:util';
import { conditionFailureOf, tookEffect, unlessConditionFailed } from '../aws/conditional-write.ts';
import type { Item, Table } from '../aws/table.ts';
import { type Clock, toEpochSeconds } from '../time.ts';
import { nextLook } from './due.ts';
import { type Task, taskSchema } from './task.ts';
import type { ChangeOutcome, CreateOutcome, ListQuery, TaskPage, TaskStore } from './task-store.ts';

/**
 * The due index is spread over so many partitions, each of which takes 1,000 writes a second: some 1,300
 * videos. Never make them fewer, or the sweep no longer sees the others.
 */
export const dueShards = 8;

/** Losing more races in a row than this means that something is wrong, not busy. */
const mostTries = 8;
/** As many as one BatchGet takes. A filtered list looks through so many pages and then says that there may be more. */
const listPageSize = 100;
const mostListPages = 10;

const keyOf = (taskId: string) => ({ pk: `TASK#${taskId}`, sk: 'TASK' });
const createdOrder = (task: Pick<Task, 'id' | 'createdAtMs'>) =>
  `${String(task.createdAtMs).padStart(15, '0')}#${task.id}`;

/** The last two characters of an id are evenly distributed. */
const shardOf = (taskId: string): number => {
  const codes = taskId.charCodeAt(taskId.length - 1) + taskId.charCodeAt(taskId.length - 2);
  return codes % dueShards;
};

const toItem = (task: Task) => {
  const due = nextLook(task);
  return {
    ...keyOf(task.id),
    ...task,
    createdOrder: createdOrder(task),
    ...(due !== undefined && { dueShard: shardOf(task.id), nextStep: due.step, dueAtMs: due.atMs }),
  };
};

const itemAttributes = new Set([
  ...Object.keys(taskSchema.shape),
  ...['pk', 'sk', 'createdOrder', 'dueShard', 'nextStep', 'dueAtMs'],
]);
/** What a newer version wrote on the item. This one leaves it as it is, so that an update can be rolled back. */
const foreignFields = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !itemAttributes.has(name)));

/** Tasks as items of the one table. Each change replaces the item, on condition that nobody else wrote meanwhile. */
export const createDynamoTaskStore = (table: Table, now: Clock): TaskStore => {
  const foreign = new WeakMap<Task, Item>();

  /** TTL deletes some time after the expiry, so it is filtered here. */
  const fromItem = (item: Item | undefined): Task | undefined => {
    if (item === undefined) return undefined;
    const task = taskSchema.parse(item);
    foreign.set(task, foreignFields(item));
    return task.expiresAtSeconds > toEpochSeconds(now()) ? task : undefined;
  };

  const find = async (taskId: string): Promise<Task | undefined> => {
    const { Item } = await table.get({ Key: keyOf(taskId), ConsistentRead: true });
    return fromItem(Item);
  };

  const put = (task: Task, condition: string, values?: Item): Promise<void> =>
    table.put({
      Item: { ...foreign.get(task), ...toItem(task) },
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    });
  const putIf = (...input: Parameters<typeof put>): Promise<boolean> => tookEffect(put(...input));

  const create = async (task: Task): Promise<CreateOutcome> => {
    const failure = await conditionFailureOf(put(task, 'attribute_not_exists(pk)'));
    if (failure === undefined) return { created: true };
    const existing = await find(task.id);
    if (existing !== undefined && failure.isRepeat && isSame(existing, task)) return { created: true };
    if (existing !== undefined) return { created: false, existing };
    // What stands in the way has expired and only waits for its deletion.
    const replaced = await putIf(task, 'attribute_not_exists(pk) OR expiresAtSeconds <= :now', {
      ':now': toEpochSeconds(now()),
    });
    return replaced ? { created: true } : create(task);
  };

  const change = async (
    taskId: string,
    decide: (task: Task) => Task | undefined,
    seenBefore?: Task,
  ): Promise<ChangeOutcome> => {
    let seen = seenBefore ?? (await find(taskId));
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      const decided = seen && decide(seen);
      if (seen === undefined || decided === undefined) return { changed: false, task: seen };
      const task = { ...decided, version: seen.version + 1 };
      foreign.set(task, foreign.get(seen) ?? {});
      if (await putIf(task, 'version = :seen', { ':seen': seen.version })) return { changed: true, task };
      seen = await find(taskId);
    }
    throw new Error(`task ${taskId} was changed by others ${mostTries} times in a row`);
  };

  const fetchAll = async (taskIds: string[]): Promise<Task[]> => {
    const items = await table.batchGet({ Keys: taskIds.map(keyOf), ConsistentRead: true });
    const found = new Map(items.map((item) => [idOf(item), fromItem(item)]));
    return taskIds.flatMap((id) => found.get(id) ?? []);
  };

  const list = async ({ workspaceId, limit, after, status }: ListQuery): Promise<TaskPage> => {
    const tasks: Task[] = [];
    let lastTaskId = after?.id;
    let startKey: Item | undefined = after && {
      ...keyOf(after.id),
      workspaceId,
      createdOrder: createdOrder(after),
    };
    for (let page = 0; page < mostListPages; page += 1) {
      const { Items, LastEvaluatedKey } = await table.query({
        IndexName: 'by-workspace',
        KeyConditionExpression: 'workspaceId = :workspace',
        ExpressionAttributeValues: { ':workspace': workspaceId },
        ScanIndexForward: false,
        Limit: status === undefined ? Math.min(limit + 1, listPageSize) : listPageSize,
        ExclusiveStartKey: startKey,
      });
      for (const task of await fetchAll(Items.map(idOf))) {
        if (tasks.length === limit) return { tasks, hasMore: true, lastTaskId };
        lastTaskId = task.id;
        if (status === undefined || task.status === status) tasks.push(task);
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

  return { create, find, change, list, listDue, postpone };
};

const isSame = (one: Task, other: Task): boolean => isDeepStrictEqual(stored(one), stored(other));
/** What is `undefined` is not stored. */
const stored = (task: Task): unknown => JSON.parse(JSON.stringify(task));

const idOf = (item: Item): string => String(item['pk']).slice('TASK#'.length);
