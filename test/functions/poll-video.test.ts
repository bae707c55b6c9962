import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QueueHandler } from '../../functions/bootstrap/for-each-record.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { taskData } from '../../lib/tasks/task-data.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import type { TaskPrice } from '../../lib/tasks/task-money.ts';
import { dayMs, hourMs, toEpochSeconds, utcDay } from '../../lib/time.ts';
import { periodAt } from '../../lib/usage/budget-period.ts';
import { createBudgetStore } from '../../lib/usage/budget-store.ts';
import { createLedger } from '../../lib/usage/ledger.ts';
import { queueArn } from '../../local/cloud/layout.ts';
import { toSqsEvent } from '../../local/sqs-event.ts';
import { aRunningTask } from '../support/a-task.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let kling: AnsweringServer;
let handler: QueueHandler;
beforeAll(async () => {
  cloud = await startTestCloud();
  kling = await startAnsweringServer();
  exportEnvironment({
    LOG_LEVEL: 'silent',
    LINK_SIGNING_KEY: 'key',
    KLING_BASE_URL: kling.url,
    KLING_API_KEY: 'sk-kling',
  });
  handler = (await import('../../functions/poll-video.ts')).handler;
});
afterAll(async () => {
  await kling.close();
  await cloud.stop();
});

const listMicroUsd = 350_000;
const cap = { microUsd: 1_000_000, per: 'day' } as const;
const reserved = 400_000;

/** What comes of a video of a workspace with a cap, by what Kling answers. */
const pollOnce = async (answered: object, price: TaskPrice) => {
  const nowMs = Date.now();
  const id = newTaskId();
  const workspaceId = `ws_${id}`;
  const budgets = createBudgetStore(cloud.table, Date.now);
  const period = periodAt(cap.per, nowMs);
  const held = await budgets.reserve({ workspaceId, taskId: id, cap, period, microUsd: reserved });
  if (!held.reserved) throw new Error('nothing was reserved');
  const tasks = createDynamoTaskStore(cloud.table, Date.now);
  await tasks.create(
    aRunningTask({
      ...{ id, workspaceId, price },
      createdAtMs: nowMs,
      deadlineAtMs: nowMs + hourMs,
      expiresAtSeconds: toEpochSeconds(nowMs + dayMs),
      reservation: { id: held.reservation.id, periodId: period.id, microUsd: reserved },
      callback: { url: 'https://client.example/hook', events: ['video.failed'] },
    }),
  );
  kling.answer({ status: 200, body: { code: 0, data: { task_id: 'of-kling', ...answered } } });
  const record = { MessageId: 'message', Body: JSON.stringify({ taskId: id, generation: 1 }) };
  await handler(toSqsEvent([record], queueArn('polls')));
  const task = await tasks.find(id);
  if (task === undefined) throw new Error('the task is gone');
  const { value: entry } = await createLedger(cloud.table).read(workspaceId, utcDay(nowMs)).next();
  const budget = await budgets.find({ workspaceId, periodId: period.id });
  return { task, usage: taskData(task, nowMs).usage, entry, budget };
};

const unusable = { task_status: 'succeed', task_result: { videos: [{ url: 'file:///etc/passwd' }] } };

it.each<[string, object, TaskPrice, object, number | null]>([
  [
    'its list price where Kling tells no units',
    unusable,
    { listMicroUsd, unitMicroUsd: 140_000 },
    { cost_usd: '0.35', source: 'price_list', provider_units: null },
    350_000,
  ],
  [
    'the units that Kling tells',
    { ...unusable, final_unit_deduction: '1.5' },
    { listMicroUsd, unitMicroUsd: 140_000 },
    { cost_usd: '0.21', source: 'provider', provider_units: '1.5' },
    210_000,
  ],
  [
    'what nobody knows where it has no price',
    unusable,
    { listMicroUsd: null },
    { cost_usd: null, source: null },
    null,
  ],
])('a video that was made and cannot be had costs %s', async (_what, answered, price, usage, microUsd) => {
  const ended = await pollOnce(answered, price);
  expect(ended.task).toMatchObject({
    result: { status: 'FAILURE', code: 'generation_failed' },
    delivery: { type: 'video.failed' },
  });
  expect(ended.usage).toMatchObject({ seconds: 0, ...usage });
  expect(ended.entry).toMatchObject({ seconds: 0, microUsd });
  expect(ended.budget).toMatchObject({ committedMicroUsd: microUsd ?? reserved });
  expect(ended.budget?.reservations.size).toBe(0);
});

it('a video that Kling could not make costs nothing', async () => {
  const failed = { task_status: 'failed', task_status_msg: 'no' };
  const ended = await pollOnce(failed, { listMicroUsd, unitMicroUsd: 140_000 });
  expect(ended.usage).toMatchObject({ cost_usd: '0' });
  expect(ended.budget).toMatchObject({ committedMicroUsd: 0 });
});
