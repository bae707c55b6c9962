import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { claimImages } from '../../lib/images/image-task.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import type { TaskStore } from '../../lib/tasks/task-store.ts';
import type { QueueUrls } from '../../lib/tasks/wake-ups.ts';
import { carryOut } from '../../operator/command-line.ts';
import { connectTasks } from '../../operator/connect-tasks.ts';
import type { Deployment } from '../../operator/deployment.ts';
import { tasksProgram } from '../../operator/tasks-program.ts';
import { UsageError } from '../../operator/usage-error.ts';
import { anImageTask, aRunningTask, aTask, startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

const nowMs = startMs + 60_000;
let cloud: TestCloud;
let store: TaskStore;
let deployment: Deployment;
beforeAll(async () => {
  cloud = await startTestCloud();
  store = createDynamoTaskStore(cloud.table, () => nowMs);
  deployment = { ...cloud, allowPrivate: true, close: async () => undefined };
});
afterAll(() => cloud.stop());

/** Runs `npm run tasks -- …` on the test's gateway. */
const tasks = (...args: string[]): Promise<string> =>
  carryOut(
    tasksProgram,
    args,
    async () => deployment,
    () => nowMs,
  );
const stored = async (task: Task): Promise<string> => {
  await store.create(task);
  return task.id;
};
/** The message that was sent last. */
const received = async (queue: keyof QueueUrls): Promise<unknown> => {
  const { Messages = [] } = await cloud.sdk.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: cloud.queueUrls[queue], WaitTimeSeconds: 1 }),
  );
  return Messages[0]?.Body === undefined ? undefined : JSON.parse(Messages[0].Body);
};

let id: string;
beforeEach(() => {
  id = newTaskId();
});
const callback = { url: 'https://shop.example/hook?token=hidden', events: ['video.failed' as const] };

test('show tells how a task is doing, and nothing that belongs to the client', async () => {
  await stored(aTask({ id, callback }));
  const shown = await tasks('show', id);
  expect(shown).toMatch(/status +NOT_START/);
  expect(shown).toMatch(/next step +submit/);
  expect(shown).toMatch(/callback to +https:\/\/shop.example\n/);
  expect(shown).not.toMatch(/rain on a tin roof|hidden/);
});

test('list shows the newest tasks of one workspace', async () => {
  const workspaceId = 'ws_listed';
  const older = await stored(aTask({ id: newTaskId(), workspaceId }));
  const newer = await stored(aRunningTask({ id, workspaceId, createdAtMs: startMs + 1 }));
  const listed = JSON.parse(await tasks('list', '--workspace', workspaceId, '--json'));
  expect(listed.map(({ task }: { task: string }) => task)).toEqual([newer, older]);
  expect(await tasks('list', '--workspace', workspaceId, '--status', 'SUBMITTED')).not.toContain(older);
  expect(await tasks('list', '--workspace', 'ws_nobody')).toBe('There are no such tasks.\n');
});

test('requeue lets a task that waits for the provider be submitted at once', async () => {
  await stored(aTask({ id, notBeforeMs: nowMs + 300_000, attempts: 3 }));
  expect(await tasks('requeue', id)).toContain('Woken: submit.');
  expect(await received('submissions')).toEqual({ taskId: id });
  expect(await store.find(id)).toMatchObject({ state: 'queued', notBeforeMs: nowMs, attempts: 3 });
});

test('requeue starts a new generation of polls for a task that the provider has', async () => {
  await stored(aRunningTask({ id, pollGeneration: 4 }));
  expect(await tasks('requeue', id)).toContain('Woken: poll.');
  expect(await received('polls')).toMatchObject({ taskId: id, generation: 5 });
});

test('fail ends a task with words for its caller, and its event goes out', async () => {
  await stored(aTask({ id, callback }));
  await tasks('fail', id, '--reason', 'Stopped by the operator.');
  expect(await store.find(id)).toMatchObject({
    result: { status: 'FAILURE', code: 'failed_by_operator', reason: 'Stopped by the operator.' },
    endedAtMs: nowMs,
    delivery: { type: 'video.failed', state: 'pending' },
  });
  expect(await received('callbacks')).toMatchObject({ taskId: id });
  await expect(tasks('fail', id, '--reason', 'again')).rejects.toThrow('already ended');
});

test('fail says of images that are being made that nobody knows what they cost', async () => {
  const claim = claimImages(anImageTask({ id }), startMs);
  if (claim.outcome !== 'generate') throw new Error('expected a claim');
  await stored(claim.task);
  await tasks('fail', id, '--reason', 'Stopped.');
  expect(await store.find(id)).toMatchObject({ state: 'ended', cost: { microUsd: null } });
});

test('fail lets the next of a workspace with a limit start', async () => {
  const workspaceId = 'ws_limited';
  const { queue, tasks: connected } = connectTasks(deployment, nowMs);
  const requestOf = (taskId: string) => ({
    taskId,
    createdAtMs: nowMs,
    workspaceId,
    model: 'kling/kling-v2-6',
    workspaceLimit: 1,
  });
  const admission = await queue.admit(requestOf(id));
  if (!admission.admitted || admission.membership === undefined) throw new Error('expected a slot');
  expect((await queue.admit(requestOf('task_next'))).admitted).toBe(false);
  await connected.create(aRunningTask({ id, workspaceId, membership: admission.membership }));
  await tasks('fail', id, '--reason', 'Stopped.');
  expect(await received('submissions')).toEqual({ taskId: 'task_next' });
});

test('requeue sends an event that was not delivered', async () => {
  await stored(aTask({ id, callback }));
  await tasks('fail', id, '--reason', 'Stopped.');
  await received('callbacks');
  expect(await tasks('requeue', id)).toContain('Woken: deliver.');
  expect(await received('callbacks')).toMatchObject({ taskId: id });
});

test('a task for which nothing is left to do says so', async () => {
  await stored(aTask({ id }));
  await tasks('fail', id, '--reason', 'Stopped.');
  await expect(tasks('requeue', id)).rejects.toThrow('nothing left to do');
});

test.each(['show', 'requeue'])('%s of an unknown task says that there is none', async (word) => {
  await expect(tasks(word, 'task_unknown')).rejects.toThrow('There is no task task_unknown.');
});

test.each([
  [['list']],
  [['list', '--workspace', 'ws_a', '--status', 'done']],
  [['list', '--workspace', 'ws_a', '--limit', 'all']],
  [['fail', 'task_1']],
  [['show']],
])('%j is wrong usage', async (args) => {
  await expect(tasks(...args)).rejects.toBeInstanceOf(UsageError);
});
