import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAssetStore } from '../../lib/assets/asset-store.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { createXaiImages } from '../../lib/providers/xai/xai-images.ts';
import { dayMs, secondMs, utcDay } from '../../lib/time.ts';
import { type BudgetStore, createBudgetStore } from '../../lib/usage/budget-store.ts';
import { createLedger } from '../../lib/usage/ledger.ts';
import { createReconcileBudgets } from '../../lib/usage/reconcile-budgets.ts';
import generated from '../fixtures/xai/generated.json' with { type: 'json' };
import { createTestApi, errorOf, type TestApi } from '../support/api.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { openNothing } from '../support/provider-answers.ts';
import { silentLog } from '../support/silent-log.ts';
import { createUnreliableTable } from '../support/unreliable-table.ts';

let cloud: TestCloud;
let api: TestApi;
let budgets: BudgetStore;
let trouble: ReturnType<typeof createUnreliableTable>['trouble'];
/** Each test has a day of its own, and so a budget. */
let days = 0;
/** What happens while the provider draws. */
let meanwhile: () => Promise<void>;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

beforeEach(() => {
  meanwhile = async () => {};
  const xai = createXaiImages({
    baseUrl: 'https://xai.example',
    apiKey: 'key',
    http: createHttpClient(async () => {
      await meanwhile();
      return Response.json(generated.body);
    }),
    openLink: openNothing,
  });
  const { table, ...unreliable } = createUnreliableTable(cloud.table);
  trouble = unreliable.trouble;
  budgets = createBudgetStore(table, () => api.clock.nowMs);
  api = createTestApi({
    workspace: { cap: { microUsd: 50_000, per: 'day' } },
    providers: { imageProviders: { xai } },
    dependencies: { budgets, ledger: createLedger(table), assets: createAssetStore(cloud.bucket) },
  });
  days += 1;
  api.clock.nowMs += days * dayMs;
});

const model = 'grok/grok-imagine-image';
const imageMicroUsd = 20_000;
const post = (body: object, headers: Record<string, string> = {}) =>
  api.post('/v1/images/generations', { model, prompt: 'a mill', ...body }, headers);
const later = { prefer: 'respond-async' };
const committed = async () =>
  (await budgets.find({ workspaceId: 'ws_own', periodId: utcDay(api.clock.nowMs) }))?.committedMicroUsd;

describe('images that are waited for', () => {
  it('are paid out of the budget also where what they held was given back meanwhile', async () => {
    const sweep = createReconcileBudgets({
      ...api,
      budgets,
      wakeUps: { sendDeliver: async () => {} },
      now: () => api.clock.nowMs,
      log: silentLog,
    });
    const seen: unknown[] = [];
    meanwhile = async () => {
      api.clock.nowMs += 40 * secondMs;
      await sweep(Number.POSITIVE_INFINITY);
      seen.push(await committed());
    };
    expect((await post({})).status).toBe(200);
    expect([...seen, await committed()]).toEqual([0, imageMicroUsd]);
  });

  it('are paid once although the answer of the write that settles was lost', async () => {
    meanwhile = async () => {
      api.clock.nowMs += 20 * secondMs;
      // The first write renews what they hold.
      trouble({
        write: 'update',
        pk: 'BUDGET#',
        how: 'answer lost',
        meanwhile: async () => trouble({ write: 'update', pk: 'BUDGET#', how: 'answer lost' }),
      });
    };
    expect((await post({})).status).toBe(200);
    expect(await committed()).toBe(imageMicroUsd);
  });
});

describe('images that failed before their provider was asked', () => {
  it('hold nothing that a repeat needs', async () => {
    trouble({ write: 'put', pk: 'LEDGER#', how: 'fails' });
    const key = { 'idempotency-key': 'not booked' };
    expect((await post({ n: 2 }, key)).status).toBe(500);
    expect((await post({ n: 2 }, key)).status).toBe(200);
  });
});

describe('an Idempotency-Key of a task that the budget refused', () => {
  const key = { 'idempotency-key': 'too many' };

  it.each([
    ['as another task', later, 202],
    ['for images that are waited for', {}, 200],
  ])('can be used %s', async (_how, preference, status) => {
    const refused = await post({ n: 3 }, { ...key, ...later });
    expect(refused.status).toBe(402);
    expect((await errorOf(refused)).code).toBe('budget_exceeded');
    expect((await post({ n: 1 }, { ...key, ...preference })).status).toBe(status);
    expect(await committed()).toBe(imageMicroUsd);
  });
});
