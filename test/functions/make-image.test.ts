import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forEachRecord, type QueueHandler } from '../../functions/bootstrap/for-each-record.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { createProcessImageTask } from '../../lib/images/process-image-task.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { taskMessage } from '../../lib/tasks/wake-ups.ts';
import { hourMs } from '../../lib/time.ts';
import { queueArn } from '../../local/cloud/layout.ts';
import { toSqsEvent } from '../../local/sqs-event.ts';
import { anImageTask } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { silentLog } from '../support/silent-log.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

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

const aNewTask = () => {
  const nowMs = Date.now();
  return anImageTask({
    id: newTaskId(),
    createdAtMs: nowMs,
    notBeforeMs: nowMs,
    deadlineAtMs: nowMs + 2 * hourMs,
    expiresAtSeconds: Math.floor(nowMs / 1000) + 86_400,
  });
};
const eventOf = (taskId: string) =>
  toSqsEvent([{ MessageId: 'message', Body: JSON.stringify({ taskId }) }], queueArn('images'));

it('leaves a task as it was whose provider was taken away: nobody was asked', async () => {
  const tasks = createDynamoTaskStore(cloud.table, Date.now);
  const task = aNewTask();
  await tasks.create(task);
  const answer = await handler(eventOf(task.id));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message' }] });
  expect(await tasks.find(task.id)).toMatchObject({ state: 'queued', attempts: 0 });
});

describe('images that were made while DynamoDB takes no writes', () => {
  const failing = async (writes: number) => {
    const clock = { nowMs: Date.now() };
    const now = () => clock.nowMs;
    const { table, trouble } = createUnreliableTable(cloud.table);
    const tasks = createDynamoTaskStore(table, now);
    const task = aNewTask();
    await tasks.create(task);
    const work = createProcessImageTask({
      tasks,
      prepare: () => async () => {
        for (let write = 0; write < writes; write += 1)
          trouble({ write: 'put', pk: `TASK#${task.id}`, how: 'fails' });
        return { status: 'made', images: [{ url: 'https://gateway.example/a' }], servedBy: 'a/b' };
      },
      wakeUps: createRecordedWakeUps().wakeUps,
      now,
      random: () => 0.5,
      pause: async (ms) => {
        clock.nowMs += ms;
      },
      log: silentLog,
    });
    const handle = forEachRecord(taskMessage, ({ taskId }) => work(taskId), silentLog);
    const { batchItemFailures } = await handle(eventOf(task.id));
    return { failures: batchItemFailures.length, task: await tasks.find(task.id) };
  };

  it('end their task when it takes them again', async () => {
    expect(await failing(20)).toMatchObject({
      failures: 0,
      task: { state: 'ended', result: { status: 'SUCCESS' } },
    });
  });

  it('are given up when the task is no longer ours', async () => {
    expect(await failing(1_000)).toMatchObject({ failures: 1, task: { state: 'submitting' } });
  });
});
