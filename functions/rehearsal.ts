import { setTimeout as sleep } from 'node:timers/promises';
import { type AppDependencies, createApp } from '../lib/api/app.ts';
import { createDynamoDbClient, createQueues, createSqsClient, createTable } from '../lib/aws/clients.ts';
import type { Config } from '../lib/config.ts';
import { createDynamoTaskStore } from '../lib/tasks/dynamo-task-store.ts';
import { createWakeUps } from '../lib/tasks/wake-ups.ts';
import { secondMs } from '../lib/time.ts';
import { queueUrls } from './task-dependencies.ts';

/** How long a start may wait for it. */
const longestMs = 2 * secondMs;

const path = '/v1/video/generations';
const request = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model: 'kling/kling-v2-6',
    prompt: 'rehearsal',
    callback_url: 'https://example.com',
  }),
};
const nobody = { id: 'ws_rehearsal', createdAtMs: 0, callbackSecret: '' };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Plays one accepted video request before the first caller comes, who then need not wait until the code is compiled
 * and a connection to the table open: a function starts at full speed, but afterwards runs at the share of a processor
 * that its memory buys. One item that does not exist is read; nothing is written, sent or logged. Whatever fails is
 * left to the requests to come.
 */
export const rehearse = async (dependencies: AppDependencies, config: Config): Promise<void> => {
  const { tasks, now } = dependencies;
  const unsentTasks = createDynamoTaskStore(
    createTable(config.TABLE_NAME, unsent(createDynamoDbClient())),
    now,
  );
  const app = createApp({
    ...dependencies,
    authenticate: async () => ({ workspace: nobody, keyHash: '' }),
    renderTimes: { expect: async (_kind, typicalSeconds) => ({ typicalSeconds }) },
    limiter: { take: async () => ({ allowed: true, giveBack() {} }) },
    tasks: {
      ...tasks,
      async create(task) {
        await unsentTasks.create(task).catch(() => {});
        await tasks.find(task.id);
        return { created: true };
      },
    },
    wakeUps: createWakeUps(createQueues(unsent(createSqsClient())), queueUrls(config)),
    log: silent,
  });
  const play = async () => app.request(path, request);
  await Promise.race([play(), sleep(longestMs, undefined, { ref: false })]).catch(() => {});
};

type Client = { send: (command: never, options?: { abortSignal: AbortSignal }) => Promise<unknown> };

/** The client, but its calls end before they leave: complete, signed, and not sent. */
const unsent = <AwsClient extends Client>(client: AwsClient): AwsClient => ({
  ...client,
  send: (command: never) => client.send(command, { abortSignal: AbortSignal.abort() }),
});
