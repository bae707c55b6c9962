import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QueueHandler } from '../../functions/bootstrap/for-each-record.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { queueArn } from '../../local/cloud/layout.ts';
import { toSqsEvent } from '../../local/sqs-event.ts';
import { anImageTask } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let handler: QueueHandler;
beforeAll(async () => {
  cloud = await startTestCloud();
  exportEnvironment({
    LOG_LEVEL: 'silent',
    LINK_SIGNING_KEY: 'key',
    PUBLIC_URL: 'https://gateway.example',
  });
  handler = (await import('../../functions/make-image.ts')).handler;
});
afterAll(() => cloud.stop());

it('leaves a task as it was whose provider was taken away: nobody was asked', async () => {
  const tasks = createDynamoTaskStore(cloud.table, Date.now);
  const nowMs = Date.now();
  const task = anImageTask({
    createdAtMs: nowMs,
    notBeforeMs: nowMs,
    deadlineAtMs: nowMs + 7_200_000,
    expiresAtSeconds: Math.floor(nowMs / 1000) + 86_400,
  });
  await tasks.create(task);
  const record = { MessageId: 'message', Body: JSON.stringify({ taskId: task.id }) };
  const answer = await handler(toSqsEvent([record], queueArn('images')));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message' }] });
  expect(await tasks.find(task.id)).toMatchObject({ state: 'queued', attempts: 0 });
});
