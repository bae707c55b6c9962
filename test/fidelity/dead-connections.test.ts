import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleOptions, entryFile } from '../../cdk/bundle-options.ts';
import { currentEnvironment } from '../../lib/config.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { secondMs } from '../../lib/time.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { type ForwardingServer, startForwardingServer } from '../support/forwarding-server.ts';
import { type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts';

const atOnce = 10;

let folder: string;
let cloud: TestCloud;
let wayToTable: ForwardingServer;
let deliver: ExecutionEnvironment;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dead-connections-'));
  cloud = await startTestCloud();
  wayToTable = await startForwardingServer(cloud.ports.database);
  await build(bundleOptions(entryFile('deliver'), folder));
  deliver = await startExecutionEnvironment({
    bundle: folder,
    environment: {
      PATH: currentEnvironment()['PATH'] ?? '',
      ...cloud.environment,
      AWS_ENDPOINT_URL_DYNAMODB: wayToTable.url,
    },
  });
});
afterAll(async () => {
  await deliver.stop();
  await wayToTable.close();
  await cloud.stop();
  await rm(folder, { recursive: true });
});

/** Messages of tasks that are gone: each costs one read, all at once. */
const messages = () => ({
  Records: Array.from({ length: atOnce }, (_, index) => ({
    messageId: `message-${index}`,
    body: JSON.stringify({ taskId: newTaskId(), eventId: 'evt_1' }),
  })),
});
const work = async () => JSON.parse((await deliver.invoke(messages())).payload.toString());
const done = { batchItemFailures: [] };

/** What becomes of the connections while the environment is frozen, and of the work after it is thawed. */
const workAfter = async (harm: () => number, frozenMs = 0) => {
  expect(await work()).toEqual(done);
  deliver.freeze();
  expect(harm()).toBe(atOnce);
  wayToTable.asked.length = 0;
  await sleep(frozenMs);
  const answer = work();
  deliver.thaw();
  expect(await answer).toEqual(done);
  expect(deliver.starts()).toBe(1);
};

test('connections that were reset while an environment was frozen are replaced at once', async () => {
  await workAfter(wayToTable.resetConnections);
  expect(wayToTable.asked).toHaveLength(atOnce);
});

/** Longer than a connection is kept idle (`lib/aws/client-settings.ts`). */
const longMs = 11 * secondMs;

test('connections that were forgotten on the way during a long freeze are not used again', async () => {
  await workAfter(wayToTable.forgetConnections, longMs);
  expect(wayToTable.unanswered()).toBe(0);
});

test('connections that were forgotten during a short one cost time, but no work', async () => {
  await workAfter(wayToTable.forgetConnections);
  expect(wayToTable.unanswered()).toBeGreaterThan(0);
});
