import { readFileSync } from 'node:fs';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import { nextDue } from '../../lib/tasks/due.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import type { TaskStore } from '../../lib/tasks/task-store.ts';
import { deliverMessage, pollMessage, taskMessage } from '../../lib/tasks/wake-ups.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

type Item = Record<string, unknown> & { pk: string; sk: string };

/** What the released version wrote. Never edited: a release adds a file of its own beside it. */
const released: { items: Record<string, Item>; messages: Record<string, Record<string, unknown>> } =
  JSON.parse(readFileSync(new URL('released.json', import.meta.url), 'utf8'));
const item = (name: string): Item => {
  const found = released.items[name];
  if (!found) throw new Error(`no released item ${name}`);
  return found;
};
const taskId = (name: string) => String(item(name)['id']);
const nowMs = 1_795_348_900_000;

let cloud: TestCloud;
let tasks: TaskStore;
beforeAll(async () => {
  cloud = await startTestCloud();
  tasks = createDynamoTaskStore(cloud.table, () => nowMs);
  for (const Item of Object.values(released.items))
    await cloud.sdk.dynamoDb.send(new PutCommand({ TableName: cloud.tableName, Item }));
});
afterAll(() => cloud.stop());

describe('after an update', () => {
  test.each([
    ['queued', 'submit'],
    ['waiting', 'submit'],
    ['submitting', 'submit'],
    ['unconfirmed', 'submit'],
    ['running', 'poll'],
    ['reported', 'poll'],
    ['ended', 'deliver'],
    ['image', 'make-image'],
  ])('a task that was %s goes on with what was next', async (name, step) => {
    const task = await tasks.find(taskId(name));
    expect(task && nextDue(task)).toEqual({ step, atMs: item(name)['dueAtMs'] });
  });

  test('a task that waited in a queue keeps its membership', async () => {
    expect(await tasks.find(taskId('waiting'))).toMatchObject({ membership: item('waiting')['membership'] });
  });

  test('keys and workspaces open as before', async () => {
    expect(await createKeyStore(cloud.table).find(String(item('key')['hash']))).toBeDefined();
    expect(await createWorkspaceStore(cloud.table).find('ws_released')).toBeDefined();
  });

  test.each([
    ['submit', taskMessage],
    ['poll', pollMessage],
    ['image', taskMessage],
    ['deliver', deliverMessage],
  ] as const)('a %s message under way is understood', (name, schema) => {
    expect(schema.parse(released.messages[name])).toMatchObject(released.messages[name] ?? {});
  });
});

describe('after a roll-back', () => {
  test('what a newer version wrote on a task stays there', async () => {
    const newer = { ...item('queued'), priority: 'high', retention: { untilMs: 1 } };
    await cloud.sdk.dynamoDb.send(new PutCommand({ TableName: cloud.tableName, Item: newer }));
    const failure = { code: 'expired', reason: 'No free slot.' } as const;
    await tasks.change(taskId('queued'), (task) => failTask(task, failure, nowMs));
    const { Item } = await cloud.sdk.dynamoDb.send(
      new GetCommand({ TableName: cloud.tableName, Key: { pk: newer.pk, sk: newer.sk } }),
    );
    expect(Item).toMatchObject({ state: 'ended', priority: 'high', retention: { untilMs: 1 } });
    expect(Item).not.toHaveProperty('request');
  });

  test.each([
    ['submit', taskMessage],
    ['poll', pollMessage],
    ['deliver', deliverMessage],
  ] as const)('a %s message with something new in it is understood', (name, schema) => {
    expect(() => schema.parse({ ...released.messages[name], priority: 'high' })).not.toThrow();
  });
});
