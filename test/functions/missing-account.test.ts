import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QueueHandler } from '../../functions/bootstrap/for-each-record.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { queueArn } from '../../local/cloud/layout.ts';
import { toSqsEvent } from '../../local/sqs-event.ts';
import { anUnconfirmedTask, aRunningTask } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

const nowMs = Date.now();
const submitted = { createdAtMs: nowMs - 7_200_000, expiresAtSeconds: Math.floor(nowMs / 1000) + 86_400 };
const over = { ...submitted, deadlineAtMs: nowMs - 1_000 };
const underWay = { ...submitted, deadlineAtMs: nowMs + 3_600_000 };
const unconfirmed = { sentAtMs: submitted.createdAtMs, notBeforeMs: submitted.createdAtMs };

let cloud: TestCloud;
let submit: QueueHandler;
let poll: QueueHandler;
beforeAll(async () => {
  cloud = await startTestCloud();
  exportEnvironment({ LOG_LEVEL: 'silent', LINK_SIGNING_KEY: 'key' });
  submit = (await import('../../functions/submit-video.ts')).handler;
  poll = (await import('../../functions/poll-video.ts')).handler;
});
afterAll(() => cloud.stop());

/** What becomes of a task of a provider that the deployment has no account with any more. */
const handle = async (task: Task, handler: QueueHandler, message: object) => {
  const tasks = createDynamoTaskStore(cloud.table, Date.now);
  await tasks.create(task);
  const record = { MessageId: 'message', Body: JSON.stringify({ taskId: task.id, ...message }) };
  const { batchItemFailures = [] } = (await handler(toSqsEvent([record], queueArn('any')))) ?? {};
  return { failed: batchItemFailures.length, task: await tasks.find(task.id) };
};

it.each<[string, Task, () => QueueHandler, object]>([
  [
    'was sent',
    anUnconfirmedTask({ id: `task_${'a'.repeat(32)}`, ...over, ...unconfirmed }),
    () => submit,
    {},
  ],
  ['renders', aRunningTask({ id: `task_${'b'.repeat(32)}`, ...over }), () => poll, { generation: 1 }],
])(
  'a video that %s ends at its deadline although its provider was taken away',
  async (_what, task, handler, message) => {
    const ended = await handle(task, handler(), message);
    expect(ended).toMatchObject({ failed: 0, task: { state: 'ended', result: { code: 'expired' } } });
  },
);

it.each<[string, Task, () => QueueHandler, object]>([
  [
    'was sent',
    anUnconfirmedTask({ id: `task_${'c'.repeat(32)}`, ...underWay, ...unconfirmed }),
    () => submit,
    {},
  ],
  ['renders', aRunningTask({ id: `task_${'d'.repeat(32)}`, ...underWay }), () => poll, { generation: 1 }],
])(
  'a video that %s waits for its provider to come back until then',
  async (_what, task, handler, message) => {
    const { state } = task;
    expect(await handle(task, handler(), message)).toMatchObject({ failed: 1, task: { state } });
  },
);
