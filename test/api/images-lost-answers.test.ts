import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeptAnswers } from '../../lib/api/images/kept-answers.ts';
import { createAssetStore } from '../../lib/assets/asset-store.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { createOpenAiImages } from '../../lib/providers/openai/openai-images.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import type { TaskStore } from '../../lib/tasks/task-store.ts';
import { createLedger } from '../../lib/usage/ledger.ts';
import generated from '../fixtures/openai/generated.json' with { type: 'json' };
import busy from '../fixtures/openai/rate-limit.json' with { type: 'json' };
import { createTestApi, type TestApi } from '../support/api.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { openNothing } from '../support/provider-answers.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

let cloud: TestCloud;
let api: TestApi;
let tasks: TaskStore;
let trouble: ReturnType<typeof createUnreliableTable>['trouble'];
/** What the provider answers, in turn, and from then on the last. */
let replies: { httpStatus: number; body: unknown }[];
let orders: number;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

beforeEach(() => {
  replies = [generated];
  orders = 0;
  const openai = createOpenAiImages({
    baseUrl: 'https://openai.example',
    apiKey: 'key',
    http: createHttpClient(async () => {
      orders += 1;
      const [reply = generated] = replies.length > 1 ? replies.splice(0, 1) : replies;
      return Response.json(reply.body, { status: reply.httpStatus });
    }),
    openLink: openNothing,
  });
  const { table, ...unreliable } = createUnreliableTable(cloud.table);
  trouble = unreliable.trouble;
  const now = () => Date.now();
  const ledger = createLedger(table);
  tasks = createDynamoTaskStore(table, now, { book: ledger });
  api = createTestApi({
    workspace: { rateLimitPerMinute: 600 },
    providers: { imageProviders: { openai } },
    dependencies: {
      keptAnswers: createKeptAnswers(table, now, 30),
      ledger,
      tasks,
      assets: createAssetStore(cloud.bucket),
      now,
    },
  });
});

const post = (name: string, body: object = {}, headers: Record<string, string> = {}) =>
  api.post(
    '/v1/images/generations',
    { model: 'openai/gpt-image-1', prompt: name, response_format: 'b64_json', ...body },
    { 'idempotency-key': name, ...headers },
  );
const statusOf = async (name: string) => (await post(name)).status;

describe('images whose request may come again', () => {
  it('are made although the answer of the write that claims them was lost', async () => {
    trouble({ write: 'put', pk: 'ANSWER#', how: 'answer lost' });
    expect(await statusOf('a lost claim')).toBe(200);
    expect(orders).toBe(1);
  });

  it('are made for the repeat of a request that failed before the provider was asked', async () => {
    trouble({ write: 'put', pk: 'LEDGER#', how: 'fails' });
    expect(await statusOf('not booked')).toBe(500);
    expect(orders).toBe(0);
    expect(await statusOf('not booked')).toBe(200);
    expect(orders).toBe(1);
  });

  it('are made by a task that takes the place of a request which was booked and then failed', async () => {
    trouble({
      write: 'put',
      pk: 'LEDGER#',
      how: 'answer lost',
      meanwhile: () => Promise.reject(new Error('and it could not be sent again')),
    });
    expect(await statusOf('booked')).toBe(500);
    const answer = await post('booked', { response_format: 'url' }, { prefer: 'respond-async' });
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    const { changed } = await tasks.change(id, (task) =>
      failTask(task, { code: 'refused', reason: 'no' }, Date.now()),
    );
    expect(changed).toBe(true);
  });

  it('reach their caller although they could not be kept for repeats', async () => {
    const first = post('not kept');
    // The claim is one write, and what came of it another.
    trouble({
      write: 'put',
      pk: 'LEDGER#',
      how: 'answer lost',
      meanwhile: async () => {
        trouble({ write: 'put', pk: 'ANSWER#', how: 'fails' });
      },
    });
    expect((await first).status).toBe(200);
    expect(orders).toBe(1);
  });

  it('are made once, however late the end of an attempt that made none is written again', async () => {
    replies = [busy, generated];
    const repeats: Promise<number>[] = [];
    trouble({
      write: 'put',
      pk: 'LEDGER#',
      how: 'answer lost',
      meanwhile: async () => {
        trouble({
          write: 'put',
          pk: 'ANSWER#',
          how: 'answer lost',
          meanwhile: async () => {
            repeats.push(statusOf('busy'));
            await expect.poll(() => orders).toBe(2);
          },
        });
      },
    });
    expect(await statusOf('busy')).toBe(429);
    expect(await Promise.all([...repeats, statusOf('busy')])).toEqual([200, 200]);
    expect(orders).toBe(2);
  });

  it('are made once, however late it is written again that nothing was asked for', async () => {
    api.limits.exhausted.add('create');
    trouble({
      write: 'delete',
      pk: 'ANSWER#',
      how: 'answer lost',
      meanwhile: async () => {
        api.limits.exhausted.clear();
        expect(await statusOf('refused')).toBe(200);
      },
    });
    expect(await statusOf('refused')).toBe(429);
    expect(await statusOf('refused')).toBe(200);
    expect(orders).toBe(1);
  });
});
