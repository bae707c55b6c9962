import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ports } from '../../functions/bootstrap/task-dependencies.ts';
import { type CreateApp, warmUp } from '../../functions/bootstrap/warm-up.ts';
import { createFirstAttempts } from '../../lib/api/first-attempts.ts';
import { createAuthenticator } from '../../lib/keys/authenticate.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createRateLimiter } from '../../lib/keys/rate-limit.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import type { Log } from '../../lib/observability/log.ts';
import { registry } from '../../lib/providers/registry.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { createWakeUps } from '../../lib/tasks/wake-ups.ts';
import { createRenderTimes } from '../../lib/videos/render-times.ts';
import { createTestApi } from '../support/api.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** The API as its function puts it together, as far as an accepted video goes. */
const appOn = ({ table, queues }: Ports, log: Log) => {
  const now = Date.now;
  const dependencies = {
    log,
    now,
    authenticate: createAuthenticator({
      keys: createKeyStore(table),
      workspaces: createWorkspaceStore(table),
      now,
    }),
    limiter: createRateLimiter({ table, now }),
    renderTimes: createRenderTimes({ table, now, random: Math.random, log }),
    firstAttempts: createFirstAttempts(table, now),
    tasks: createDynamoTaskStore(table, now),
    wakeUps: createWakeUps(queues, cloud.queueUrls),
  };
  return createTestApi({ dependencies }).app;
};

/** Warms up on these ports, and answers what the request was answered. */
const warmUpOn = async (ports: Ports) => {
  const answers: { status: number; body: unknown }[] = [];
  const createApp: CreateApp = (played, log) => ({
    async fetch(request) {
      const response = await appOn(played, log).fetch(request);
      answers.push({ status: response.status, body: await response.clone().json() });
      return response;
    },
  });
  await warmUp(ports, createApp, registry);
  return answers;
};

const accepted = [{ status: 200, body: expect.objectContaining({ status: 'queued' }) }];

test('plays a request until it is accepted, asks AWS, and leaves nothing behind', async () => {
  const reads: string[] = [];
  const writes: unknown[] = [];
  const messages: string[] = [];
  const watched: Ports = {
    table: {
      ...cloud.table,
      get(input) {
        reads.push(input.Key.sk);
        return cloud.table.get(input);
      },
      put(input) {
        writes.push(input.Item['state']);
        return cloud.table.put(input);
      },
    },
    queues: {
      send(message) {
        messages.push(message.MessageBody);
        return cloud.queues.send(message);
      },
    },
  };
  expect(await warmUpOn(watched)).toEqual(accepted);
  expect(reads).toEqual(['RENDER']);
  expect(writes).toEqual(['queued']);
  expect(messages).toEqual(['']);
  const { Items } = await cloud.sdk.dynamoDb.send(new ScanCommand({ TableName: cloud.tableName }));
  expect(Items).toEqual([]);
  for (const QueueUrl of Object.values(cloud.queueUrls)) {
    const { Messages } = await cloud.sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toBeUndefined();
  }
});

test('does not keep a function from starting when AWS cannot be reached', async () => {
  const away = () => Promise.reject(new Error('no route to AWS'));
  const ports = { table: { ...cloud.table, get: away, put: away }, queues: { send: away } };
  expect(await warmUpOn(ports)).toEqual(accepted);
});

test('does not hold a start up for long when AWS is silent', async () => {
  const silent = () => new Promise<never>(() => {});
  const ports = { table: { ...cloud.table, get: silent, put: silent }, queues: { send: silent } };
  expect(await warmUpOn(ports)).toEqual([]);
});
