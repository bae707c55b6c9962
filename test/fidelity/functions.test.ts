import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bundleOptions, entryFile } from '../../cdk/bundle-options.ts';
import { currentEnvironment } from '../../lib/config.ts';
import { describeApiKey, newApiKey } from '../../lib/keys/api-key.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import type { FunctionName } from '../../lib/limits.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { hourMs } from '../../lib/time.ts';
import { type FakeKling, startFakeKling } from '../../local/fakes/kling.ts';
import { aTask } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { aWorkspace } from '../support/keys.ts';
import { patience } from '../support/patience.ts';
import { type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts';

let folder: string;
let cloud: TestCloud;
let kling: FakeKling;
const key = newApiKey();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fidelity-'));
  cloud = await startTestCloud();
  kling = await startFakeKling({ seconds: 1, apiKey: 'sk-fake' });
  const workspace = aWorkspace({ id: 'ws_fidelity' });
  await createWorkspaceStore(cloud.table).create(workspace);
  await createKeyStore(cloud.table).create(
    describeApiKey(key, { name: 'fidelity', workspaceId: workspace.id, createdAtMs: Date.now() }),
  );
});
afterAll(async () => {
  await kling.close();
  await cloud.stop();
  await rm(folder, { recursive: true });
});

let started: ExecutionEnvironment | undefined;
afterEach(() => started?.stop());

/** The bundle that is deployed, in an environment such as Lambda's. */
const run = async (
  name: FunctionName,
  memoryMb?: number,
  settings: Record<string, string> = {},
): Promise<ExecutionEnvironment> => {
  const bundle = join(folder, name);
  await build(bundleOptions(entryFile(name), bundle));
  started = await startExecutionEnvironment({
    bundle,
    ...(memoryMb !== undefined && { memoryMb }),
    environment: {
      PATH: currentEnvironment()['PATH'] ?? '',
      ...cloud.environment,
      KLING_BASE_URL: kling.url,
      KLING_API_KEY: 'sk-fake',
      LINK_SIGNING_KEY: 'a-key-for-links',
      PUBLIC_URL: 'https://gateway.example',
      ...settings,
    },
  });
  return started;
};

const urlEvent = (method: string, path: string, body?: object) => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: '',
  headers: { host: 'gateway.example', authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  requestContext: {
    domainName: 'gateway.example',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
  },
  ...(body && { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});

/** What stands before and after the eight zero bytes of a streamed answer. */
const answerIn = (payload: Buffer) => {
  const end = payload.indexOf(Buffer.alloc(8));
  const { statusCode } = JSON.parse(payload.subarray(0, end).toString()) as { statusCode: number };
  return { status: statusCode, body: JSON.parse(payload.subarray(end + 8).toString()) };
};

const records = (...taskIds: string[]) => ({
  Records: taskIds.map((taskId) => ({ messageId: `message-${taskId}`, body: JSON.stringify({ taskId }) })),
});

const aWaitingTask = async (): Promise<string> => {
  const nowMs = Date.now();
  const task = aTask({
    id: newTaskId(),
    createdAtMs: nowMs,
    deadlineAtMs: nowMs + hourMs,
    expiresAtSeconds: Math.ceil((nowMs + hourMs) / 1_000),
    notBeforeMs: nowMs,
    request: {
      action: 'textGenerate',
      upstreamModel: 'kling-v2-6',
      parameters: { prompt: 'Rain', duration: '5', mode: 'std' },
    },
  });
  await createDynamoTaskStore(cloud.table, Date.now).create(task);
  return task.id;
};

const video = { model: 'kling/kling-v2-6', prompt: 'Rain on a tin roof' };

test('the API starts in Lambda’s runtime, streams its answers and accepts a video', async () => {
  const api = await run('api');
  const health = await api.invoke(urlEvent('GET', '/healthz'));
  expect(health.streamed).toBe(true);
  expect(answerIn(health.payload)).toMatchObject({ status: 200, body: { status: 'ok' } });
  const accepted = answerIn((await api.invoke(urlEvent('POST', '/v1/video/generations', video))).payload);
  expect(accepted).toMatchObject({ status: 200, body: { status: 'queued' } });
});

test('the API takes the largest body that a Function URL lets through within a small memory', async () => {
  const api = await run('api', 96);
  const image = Buffer.alloc(4_000_000).toString('base64');
  const answer = await api.invoke(urlEvent('POST', '/v1/video/generations', { ...video, image }));
  expect(answerIn(answer.payload).status).toBe(413);
  expect(answerIn((await api.invoke(urlEvent('GET', '/healthz'))).payload).status).toBe(200);
  expect(api.starts()).toBe(1);
});

test('an environment that was frozen between two requests answers the second', async () => {
  const api = await run('api');
  const list = urlEvent('GET', '/v1/video/generations');
  expect(answerIn((await api.invoke(list)).payload).status).toBe(200);
  api.freeze();
  const answer = api.invoke(list);
  api.thaw();
  expect(answerIn((await answer).payload).status).toBe(200);
  expect(api.starts()).toBe(1);
});

test('of a batch only the message that failed comes back', async () => {
  const poison = newTaskId();
  await cloud.sdk.dynamoDb.send(
    new PutCommand({ TableName: cloud.tableName, Item: { pk: `TASK#${poison}`, sk: 'TASK' } }),
  );
  const good = await aWaitingTask();
  const submit = await run('submit-video');
  const { payload } = await submit.invoke(records(good, poison, newTaskId()));
  expect(JSON.parse(payload.toString())).toEqual({
    batchItemFailures: [{ itemIdentifier: `message-${poison}` }],
  });
  expect(kling.tally(good)).toEqual({ asked: 1, made: 1 });
});

test('a submission that is killed by the time limit is not made a second time', async () => {
  kling.behave({ creates: ['no response'] });
  const taskId = await aWaitingTask();
  const submit = await run('submit-video');
  const killed = expect(submit.invoke(records(taskId))).rejects.toThrow('the process ended (SIGKILL)');
  await expect.poll(() => kling.tally(taskId).asked).toBe(1);
  submit.runOutOfTime();
  await killed;
  const { payload } = await submit.invoke(records(taskId));
  expect(JSON.parse(payload.toString())).toEqual({ batchItemFailures: [] });
  expect(submit.starts()).toBe(2);
  expect(kling.tally(taskId)).toEqual({ asked: 1, made: 1 });
});

test.each(['poll-video', 'deliver'] as const)(
  '%s starts and puts up with a task that is gone',
  async (name) => {
    const worker = await run(name);
    const message = { taskId: newTaskId(), eventId: 'evt_1', generation: 1 };
    const { payload } = await worker.invoke({ Records: [{ messageId: 'm', body: JSON.stringify(message) }] });
    expect(JSON.parse(payload.toString())).toEqual({ batchItemFailures: [] });
  },
);

test('a poller that copies results fetches nothing from a private address, and keeps the provider’s link', async () => {
  const taskId = await aWaitingTask();
  const submit = await run('submit-video');
  await submit.invoke(records(taskId));
  await submit.stop();
  const poll = await run('poll-video', 256, { COPY_RESULTS: 'true' });
  const tasks = createDynamoTaskStore(cloud.table, Date.now);
  const pollOnce = async () => {
    await poll.invoke({ Records: [{ messageId: 'm', body: JSON.stringify({ taskId, generation: 1 }) }] });
    return tasks.find(taskId);
  };
  const ownLink = expect.stringContaining(`${kling.url}/results/`);
  await expect
    .poll(pollOnce, { ...patience, interval: 500 })
    .toMatchObject({ result: { status: 'SUCCESS', url: ownLink } });
});

test('the sweep starts and goes through the due tasks', async () => {
  const sweep = await run('sweep');
  expect((await sweep.invoke({})).payload.toString()).toMatch(/^(null)?$/);
});
