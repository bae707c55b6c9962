import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rehearse } from '../../functions/rehearsal.ts';
import type { AppDependencies } from '../../lib/api/app.ts';
import type { Table } from '../../lib/aws/table.ts';
import { loadConfig } from '../../lib/config.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** Only what an accepted video needs: anything else that the rehearsal touched would throw, and show as an early end. */
const dependencies = (table = cloud.table) => {
  const found: string[] = [];
  const tasks = createDynamoTaskStore(table, Date.now);
  const watched = {
    ...tasks,
    find: (taskId: string) => {
      found.push(taskId);
      return tasks.find(taskId);
    },
  };
  const settings = {
    isProviderConfigured: true,
    createsPerMinute: 1,
    retentionDays: 30,
    allowPrivateUrls: false,
    extraFields: [],
    typicalSeconds: undefined,
  };
  const all = { tasks: watched, now: Date.now, settings };
  return { found, all: all as unknown as AppDependencies };
};

const config = () => loadConfig(cloud.environment);

test('plays a request up to the table, and leaves nothing there', async () => {
  const { found, all } = dependencies();
  await rehearse(all, config());
  expect(found).toEqual([expect.stringMatching(/^task_/)]);
  const { Items } = await cloud.sdk.dynamoDb.send(new ScanCommand({ TableName: cloud.tableName }));
  expect(Items).toEqual([]);
});

test('does not keep a function from starting when the table cannot be reached', async () => {
  const unreachable = { get: () => Promise.reject(new Error('no route to the table')) };
  const { found, all } = dependencies(unreachable as Partial<Table> as Table);
  await expect(rehearse(all, config())).resolves.toBeUndefined();
  expect(found).toHaveLength(1);
});
