import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessFromEnvironment, createAccess } from '../../lib/aws/access.ts';
import { createDynamoTable } from '../../lib/aws/dynamo-table.ts';
import { defaultDueShards } from '../../lib/limits.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import type { QueuedVideo, Task } from '../../lib/tasks/task.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import type { TaskStore } from '../../lib/tasks/task-store.ts';
import { anEndedTask, anImageTask, aTask, startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { type ForwardingServer, startForwardingServer } from '../support/forwarding-server.ts';

let cloud: TestCloud;
let tasks: TaskStore;
let nowMs = startMs;
/** Each test has a workspace of its own. */
let workspaceId: string;
let workspaces = 0;

beforeAll(async () => {
  cloud = await startTestCloud();
  tasks = createDynamoTaskStore(cloud.table, () => nowMs);
});
afterAll(() => cloud.stop());
beforeEach(() => {
  nowMs = startMs;
  workspaces += 1;
  workspaceId = `workspace-${workspaces}`;
});

const failure = { code: 'refused', reason: 'No.' } as const;
const aNewTask = (changes: Partial<QueuedVideo> = {}): QueuedVideo =>
  aTask({ id: newTaskId(), workspaceId, ...changes });

const stored = async (task: Task): Promise<Task> => {
  await tasks.create(task);
  return task;
};

const allDue = async (atMs = nowMs): Promise<string[]> => {
  const shards = Array.from({ length: defaultDueShards }, (_, shard) => tasks.listDue(shard, atMs, 1_000));
  return (await Promise.all(shards)).flatMap(({ taskIds }) => taskIds);
};

describe('creating a task', () => {
  it('gives back what was stored', async () => {
    const task = await stored(aNewTask({ callback: { url: 'https://a.example', events: ['video.failed'] } }));
    expect(await tasks.find(task.id)).toEqual(task);
  });

  it('makes one task of fifty at the same moment, and tells all others of it', async () => {
    const id = newTaskId();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => tasks.create(aNewTask({ id, requestHash: `hash-${index}` }))),
    );
    const existing = outcomes.flatMap((outcome) => (outcome.created ? [] : [outcome.existing]));
    expect(existing).toHaveLength(49);
    for (const first of existing) expect(first).toEqual(await tasks.find(id));
  });

  describe('when the answer to the write gets lost, and the SDK writes again,', () => {
    let way: ForwardingServer;
    let distant: TaskStore;
    beforeAll(async () => {
      way = await startForwardingServer(cloud.ports.database);
      const variables = { AWS_ENDPOINT_URL_DYNAMODB: way.url };
      const aws = createAccess('us-east-1', accessFromEnvironment().credentials, variables);
      distant = createDynamoTaskStore(createDynamoTable(cloud.tableName, aws), () => nowMs);
    });
    afterAll(() => way.close());
    it('has made the task, so that whoever made it wakes the next step', async () => {
      way.loseNextAnswer();
      expect(await distant.create(aNewTask())).toEqual({ created: true });
    });

    it('tells of the task of another that was there before', async () => {
      const other = await stored(aNewTask());
      way.loseNextAnswer();
      const outcome = await distant.create(aNewTask({ id: other.id, requestHash: 'another' }));
      expect(outcome).toEqual({ created: false, existing: other });
    });
  });

  it('takes the place of a task that has expired and was not yet deleted', async () => {
    const old = await stored(aNewTask({ expiresAtSeconds: startMs / 1_000 + 60 }));
    nowMs = startMs + 60_000;
    expect(await tasks.find(old.id)).toBeUndefined();
    expect(await tasks.create(aNewTask({ id: old.id, requestHash: 'new' }))).toEqual({ created: true });
    expect((await tasks.find(old.id))?.requestHash).toBe('new');
  });
});

describe('changing a task', () => {
  it('loses nothing when many change it at once', async () => {
    const { id } = await stored(aNewTask({ typicalSeconds: 0 }));
    await Promise.all(
      Array.from({ length: 4 }, () =>
        tasks.change(id, (task) => ({ ...task, typicalSeconds: task.typicalSeconds + 1 })),
      ),
    );
    expect(await tasks.find(id)).toMatchObject({ typicalSeconds: 4, version: 5 });
  });

  it('decides again on what is stored when its own copy was out of date', async () => {
    const task = await stored(aNewTask());
    await tasks.change(task.id, (current) => ({ ...current, typicalSeconds: 100 }));
    const seen: number[] = [];
    const change = await tasks.change(
      task.id,
      (current) => {
        seen.push(current.typicalSeconds);
        return { ...current, typicalSeconds: current.typicalSeconds + 1 };
      },
      task,
    );
    expect(seen).toEqual([75, 100]);
    expect(change).toMatchObject({ changed: true, task: { typicalSeconds: 101, version: 3 } });
  });

  it('writes nothing if it was decided to leave the task', async () => {
    const task = await stored(aNewTask());
    expect(await tasks.change(task.id, () => undefined)).toEqual({ changed: false, task });
  });

  it('says that there is no such task', async () => {
    const change = await tasks.change('task_unknown', (task) => task);
    expect(change).toEqual({ changed: false, task: undefined });
  });

  it('erases the prompt from the item, and not only from what is read', async () => {
    const task = await stored(aNewTask({ workspaceId }));
    await tasks.change(task.id, (current) => failTask(current, failure, nowMs));
    const { Items = [] } = await cloud.sdk.dynamoDb.send(
      new QueryCommand({
        TableName: cloud.tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `TASK#${task.id}` },
      }),
    );
    expect(Items).toHaveLength(1);
    expect(JSON.stringify(Items)).not.toContain('rain on a tin roof');
  });
});

describe('a write whose answer got lost and that the SDK repeated', () => {
  /** The repeat finds its own effect, and its condition broken. */
  const forgetful = () =>
    createDynamoTaskStore(
      {
        ...cloud.table,
        async put(input) {
          await cloud.table.put(input);
          await cloud.table.put(input);
        },
      },
      () => nowMs,
    );

  it('counts as done for a new task, which is no replay then', async () => {
    expect(await forgetful().create(aNewTask())).toEqual({ created: true });
  });

  it('counts as done for a change', async () => {
    const { id } = await stored(aNewTask());
    expect(await forgetful().change(id, (task) => failTask(task, failure, nowMs))).toMatchObject({
      changed: true,
      task: { state: 'ended', version: 2 },
    });
  });
});

describe('the index of ended tasks', () => {
  it('shows a workspace’s tasks in the order of their ends, and none that goes on', async () => {
    const [first, second] = [await stored(aNewTask()), await stored(aNewTask())];
    await stored(aNewTask());
    await tasks.change(second.id, (task) => failTask(task, failure, startMs + 1_000));
    await tasks.change(first.id, (task) => failTask(task, failure, startMs + 2_000));
    const entries = await tasks.listEvents(workspaceId, '', 10);
    expect(entries.map(({ id }) => id)).toEqual([second.id, first.id]);
    const [{ order } = { order: '' }] = entries;
    expect(await tasks.listEvents(workspaceId, order, 10)).toEqual(entries.slice(1));
    expect(await tasks.listEvents(workspaceId, '', 1)).toEqual(entries.slice(0, 1));
    expect(await tasks.findAll([first.id, newTaskId(), second.id])).toMatchObject(
      [first, second].map(({ id }) => ({ id })),
    );
  });
});

describe("listing a workspace's tasks", () => {
  const storedAt = (seconds: number, changes: Partial<QueuedVideo> = {}) =>
    stored(aNewTask({ createdAtMs: startMs + seconds * 1_000, ...changes }));
  const ids = (...listed: Task[]) => listed.map(({ id }) => id);

  it('shows the newest first, page after page, and says when there are no more', async () => {
    const [first, second, third] = [await storedAt(1), await storedAt(2), await storedAt(3)];
    const page = await tasks.list({ workspaceId, limit: 2 });
    expect(ids(...page.tasks)).toEqual(ids(third, second));
    expect(page).toMatchObject({ hasMore: true, lastTaskId: second.id });
    const rest = await tasks.list({ workspaceId, limit: 2, after: second });
    expect(ids(...rest.tasks)).toEqual(ids(first));
    expect(rest.hasMore).toBe(false);
  });

  it('shows those of a time: its first moment counts, its last does not', async () => {
    const [first, second, third] = [await storedAt(1), await storedAt(2), await storedAt(3)];
    const times = { workspaceId, limit: 10, sinceMs: startMs + 1_000, untilMs: startMs + 3_000 };
    expect(ids(...(await tasks.list(times)).tasks)).toEqual(ids(second, first));
    expect(ids(...(await tasks.list({ ...times, after: third })).tasks)).toEqual(ids(second, first));
    expect(ids(...(await tasks.list({ ...times, after: second })).tasks)).toEqual(ids(first));
    const later = { ...times, sinceMs: startMs + 2_000 };
    expect(await tasks.list({ ...later, after: first })).toMatchObject({ tasks: [], hasMore: false });
  });

  it('begins with the oldest if asked to, and goes on after one that is gone', async () => {
    const all = [await storedAt(1), await storedAt(2), await storedAt(3)];
    const page = await tasks.list({ workspaceId, limit: 2, order: 'asc' });
    expect(ids(...page.tasks)).toEqual(ids(...all.slice(0, 2)));
    const { id } = all[1] ?? aTask();
    await tasks.change(id, (task) => failTask(task, failure, nowMs));
    await tasks.remove(id);
    const after = await tasks.findRemoved(id);
    const rest = await tasks.list({ workspaceId, limit: 2, order: 'asc', ...(after && { after }) });
    expect(ids(...rest.tasks)).toEqual(ids(...all.slice(2)));
  });

  it('says that a full page was the last one', async () => {
    await storedAt(1);
    await storedAt(2);
    expect((await tasks.list({ workspaceId, limit: 2 })).hasMore).toBe(false);
  });

  it('shows only tasks of the status asked for, as they are now', async () => {
    const ended = await storedAt(1);
    const moved = await storedAt(2);
    await storedAt(3);
    for (const { id } of [ended, moved]) await tasks.change(id, (task) => failTask(task, failure, nowMs));
    const page = await tasks.list({ workspaceId, limit: 10, status: 'FAILURE' });
    expect(ids(...page.tasks)).toEqual(ids(moved, ended));
  });

  it('shows only tasks of the kind asked for', async () => {
    const video = await storedAt(1);
    await Promise.all([2, 3].map(() => tasks.create(anImageTask({ id: newTaskId(), workspaceId }))));
    const page = await tasks.list({ workspaceId, limit: 1, kind: 'video' });
    expect(ids(...page.tasks)).toEqual([video.id]);
  });

  it('finds the few of a status among many others', async () => {
    const rare = await stored(failTask(aNewTask(), failure, nowMs));
    await Promise.all(Array.from({ length: 150 }, (_, index) => storedAt(1 + index)));
    const page = await tasks.list({ workspaceId, limit: 1, status: 'FAILURE' });
    expect(ids(...page.tasks)).toEqual([rare.id]);
    expect(page.hasMore).toBe(false);
  });

  it("shows neither another workspace's tasks nor expired ones", async () => {
    await storedAt(1, { workspaceId: 'someone-else' });
    await storedAt(2, { expiresAtSeconds: startMs / 1_000 });
    const visible = await storedAt(3);
    expect(ids(...(await tasks.list({ workspaceId, limit: 10 })).tasks)).toEqual([visible.id]);
  });
});

describe('the index of what is due', () => {
  it('shows a task from the moment on which something is due', async () => {
    const task = await stored(aNewTask({ notBeforeMs: startMs + 5_000 }));
    expect(await allDue(startMs + 4_999)).not.toContain(task.id);
    expect(await allDue(startMs + 5_000)).toContain(task.id);
  });

  it('no longer shows a task of which nothing is left to do', async () => {
    const task = await stored(aNewTask());
    await tasks.change(task.id, (current) => failTask(current, failure, nowMs));
    expect(await allDue(startMs + 10 ** 9)).not.toContain(task.id);
  });

  it('shows a postponed task later, and the task itself stays as it was', async () => {
    const task = await stored(aNewTask());
    await tasks.postpone(task.id, task.version, startMs + 60_000);
    expect(await allDue()).not.toContain(task.id);
    expect(await allDue(startMs + 60_000)).toContain(task.id);
    expect(await tasks.find(task.id)).toEqual(task);
  });

  it('does not postpone a task that has changed meanwhile, nor one of which nothing is due', async () => {
    const changed = await stored(aNewTask());
    await tasks.change(changed.id, (task) => task);
    await tasks.postpone(changed.id, changed.version, startMs + 60_000);
    const ended = await stored(anEndedTask({ id: newTaskId(), workspaceId }));
    await tasks.postpone(ended.id, ended.version, startMs);
    await tasks.postpone('task_unknown', 1, startMs);
    expect(await allDue()).toContain(changed.id);
    expect(await allDue()).not.toContain(ended.id);
  });

  it('is spread over more shards where a deployment asks for them', async () => {
    const spread = createDynamoTaskStore(cloud.table, () => nowMs, { dueShards: 16 });
    for (let count = 0; count < 100; count += 1) await spread.create(aNewTask({ notBeforeMs: startMs }));
    const pages = Array.from({ length: 16 }, (_, shard) => spread.listDue(shard, nowMs, 100));
    const counts = (await Promise.all(pages)).map(({ taskIds }) => taskIds.length);
    expect(counts.slice(8).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  });

  it('is read in pages, oldest first, and spread over all shards', async () => {
    const dueAtMs = (index: number) => startMs - 1_000_000 + index;
    const created = await Promise.all(
      Array.from({ length: 200 }, (_, index) => stored(aNewTask({ notBeforeMs: dueAtMs(index) }))),
    );
    const order = new Map(created.map(({ id }, index) => [id, index]));
    for (let shard = 0; shard < defaultDueShards; shard += 1) {
      const found: string[] = [];
      let after: Record<string, unknown> | undefined;
      do {
        const page = await tasks.listDue(shard, dueAtMs(199), 3, after);
        expect(page.taskIds.length).toBeLessThanOrEqual(3);
        found.push(...page.taskIds);
        after = page.next;
      } while (after !== undefined);
      const places = found.map((id) => order.get(id) ?? -1);
      expect(places.length).toBeGreaterThan(0);
      expect(places).toEqual([...places].sort((one, other) => one - other));
      for (const id of found) order.delete(id);
    }
    expect(order.size).toBe(0);
  });
});

describe('a task that is removed', () => {
  const ended = () => stored({ ...anEndedTask({ workspaceId }), id: newTaskId() });

  it('is found and listed no more, and its id makes no second task', async () => {
    const task = await ended();
    expect(await tasks.remove(task.id)).toBe(true);
    expect(await tasks.find(task.id)).toBeUndefined();
    expect((await tasks.list({ workspaceId, limit: 100 })).tasks.map(({ id }) => id)).not.toContain(task.id);
    expect(await tasks.create(aNewTask({ id: task.id }))).toEqual({ created: false, existing: 'deleted' });
    expect(await tasks.findRemoved(task.id)).toMatchObject({ workspaceId, createdAtMs: task.createdAtMs });
    expect(await tasks.remove(task.id)).toBe(true);
  });

  it('keeps nothing of what was asked for or made', async () => {
    const { id } = await ended();
    await tasks.remove(id);
    const Key = { pk: `TASK#${id}`, sk: 'TASK' };
    const { Item = {} } = await cloud.sdk.dynamoDb.send(new GetCommand({ TableName: cloud.tableName, Key }));
    expect(Object.keys(Item).sort()).toEqual(
      ['createdAtMs', 'expiresAtSeconds', 'id', 'isRemoved', 'pk', 'sk', 'workspaceId'].sort(),
    );
  });

  it('frees its id when the task would have expired', async () => {
    const task = await ended();
    await tasks.remove(task.id);
    nowMs = task.expiresAtSeconds * 1_000;
    const outcome = await tasks.create(
      aNewTask({ id: task.id, expiresAtSeconds: task.expiresAtSeconds + 60 }),
    );
    expect(outcome).toEqual({ created: true });
  });

  it('must have ended', async () => {
    const { id } = await stored(aNewTask());
    expect(await tasks.remove(id)).toBe(false);
    expect(await tasks.find(id)).toBeDefined();
  });

  it('goes although it changes at the same moment', async () => {
    const task = await ended();
    const [wasRemoved] = await Promise.all([
      tasks.remove(task.id),
      ...Array.from({ length: 3 }, () => tasks.change(task.id, (current) => ({ ...current }))),
    ]);
    expect(wasRemoved).toBe(true);
    expect(await tasks.find(task.id)).toBeUndefined();
  });
});
