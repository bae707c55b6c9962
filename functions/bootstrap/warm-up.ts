import { setTimeout as sleep } from 'node:timers/promises';
import type { Table } from '../../lib/aws/table.ts';
import { describeApiKey, newApiKey } from '../../lib/keys/api-key.ts';
import { createLog, type Log } from '../../lib/observability/log.ts';
import type { Registry } from '../../lib/providers/registry.ts';
import { secondMs } from '../../lib/time.ts';
import type { Ports } from './task-dependencies.ts';

type App = { fetch(request: Request): Response | Promise<Response> };
/** Puts the API together on other ends. */
export type CreateApp = (ports: Ports, log: Log) => App;

/** How long a start may wait for it. */
const timeLimitMs = 2 * secondMs;

const silent = createLog(() => {});

/**
 * Plays one accepted video request before the first caller comes, who then need not wait until the code is compiled and
 * connections are open: a function starts at full speed, but afterwards runs at the share of a processor that its
 * memory buys. Nothing is written or logged. Whatever fails is left to the requests to come.
 */
export const warmUp = async (ports: Ports, createApp: CreateApp, registry: Registry): Promise<void> => {
  const model = servedVideoModel(registry);
  if (model === undefined) return;
  const apiKey = newApiKey();
  const app = createApp(
    { table: playedTable(ports.table, apiKey), queues: playedQueues(ports.queues) },
    silent,
  );
  await Promise.race([play(app, apiKey, model), sleep(timeLimitMs, undefined, { ref: false })]).catch(
    () => {},
  );
};

const servedVideoModel = ({ models, resolveModel }: Registry): string | undefined =>
  models.find(({ id, kind }) => kind === 'video' && typeof resolveModel(id, Date.now()) === 'object')?.id;

const play = async (app: App, apiKey: string, model: string): Promise<void> => {
  const response = await app.fetch(
    new Request('https://warm-up.invalid/v1/video/generations', {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, prompt: 'warm-up', callback_url: 'https://example.com' }),
    }),
  );
  Object.fromEntries(response.headers);
  await response.text();
};

const workspaceId = 'ws_warm_up';

/** A condition that fails on every item. */
const impossible = 'attribute_exists(pk) AND attribute_not_exists(pk)';

/** Answers with the key and the workspace of the played caller; other reads go to the real table. */
const playedTable = (table: Table, apiKey: string): Table => {
  const items: Record<string, object> = {
    KEY: describeApiKey(apiKey, { name: '', workspaceId, createdAtMs: 0 }),
    WORKSPACE: { id: workspaceId, createdAtMs: 0, callbackSecret: '' },
  };
  return {
    async get(input) {
      const item = items[input.Key.sk];
      return item === undefined ? table.get(input) : { Item: { ...item } };
    },
    async put({ Item }) {
      await table.put({ Item, ConditionExpression: impossible }).catch(() => {});
    },
    update: async () => ({}),
    delete: async () => {},
    query: async () => ({ Items: [] }),
    batchGet: async () => [],
  };
};

/** Sends a message that SQS refuses: it is empty, and its delay is too long. */
const playedQueues = (queues: Ports['queues']): Ports['queues'] => ({
  async send({ QueueUrl }) {
    await queues.send({ QueueUrl, MessageBody: '', DelaySeconds: 100_000 }).catch(() => {});
  },
});
