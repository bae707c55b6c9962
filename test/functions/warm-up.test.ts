import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CreateApp, warmUp } from '../../functions/bootstrap/warm-up.ts';
import { createFirstAttempts } from '../../lib/api/first-attempts.ts';
import { type AwsAccess, accessFromEnvironment } from '../../lib/aws/access.ts';
import { createDynamoTable } from '../../lib/aws/dynamo-table.ts';
import { createSqsQueues } from '../../lib/aws/sqs-queues.ts';
import { createAuthenticator } from '../../lib/keys/authenticate.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createRateLimiter } from '../../lib/keys/rate-limit.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import type { Log } from '../../lib/log.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { createRenderTimes } from '../../lib/tasks/render-times.ts';
import { createWakeUps } from '../../lib/tasks/wake-ups.ts';
import { createTestApi } from '../support/api.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** The API as its function puts it together, as far as an accepted video goes. */
const appOn = (aws: AwsAccess, log: Log) => {
  const now = Date.now;
  const table = createDynamoTable(cloud.tableName, aws);
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
    wakeUps: createWakeUps(createSqsQueues(aws), cloud.queueUrls),
  };
  return createTestApi({ dependencies }).app;
};

/** Rehearses, and answers what came of it. */
const warmUpOn = async (aws: AwsAccess) => {
  const answers: { status: number; body: unknown }[] = [];
  const createApp: CreateApp = (on, log) => ({
    async fetch(request) {
      const response = await appOn(on, log).fetch(request);
      answers.push({ status: response.status, body: await response.clone().json() });
      return response;
    },
  });
  await warmUp(aws, createApp);
  return answers;
};

test('plays requests until they are accepted, and leaves nothing behind', async () => {
  const answers = await warmUpOn(accessFromEnvironment());
  expect(answers.length).toBeGreaterThan(0);
  for (const answer of answers)
    expect(answer).toEqual({ status: 200, body: expect.objectContaining({ status: 'queued' }) });
  const { Items } = await cloud.sdk.dynamoDb.send(new ScanCommand({ TableName: cloud.tableName }));
  expect(Items).toEqual([]);
  for (const QueueUrl of Object.values(cloud.queueUrls)) {
    const { Messages } = await cloud.sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toBeUndefined();
  }
});

test('does not keep a function from starting when AWS cannot be reached', async () => {
  const exchange = () => Promise.reject(new Error('no route to AWS'));
  const answers = await warmUpOn({ ...accessFromEnvironment(), exchange });
  expect(answers[0]?.status).toBe(200);
});
