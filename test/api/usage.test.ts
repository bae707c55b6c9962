import { beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../lib/usage/ledger-entry.ts';
import { createTestApi, errorOf, foreignKey, type TestApi, testKey } from '../support/api.ts';

let api: TestApi;
let entries: number;
beforeEach(() => {
  api = createTestApi();
  entries = 0;
});

const book = (day: string, changes: Partial<LedgerEntry> = {}, workspaceId = 'ws_own') => {
  entries += 1;
  return api.ledger.put(
    { workspaceId, id: `task_${entries}`, createdAtMs: Date.parse(`${day}T12:00:00Z`) },
    {
      model: 'kling/kling-v2-6',
      keyName: 'backend',
      seconds: 5,
      images: 0,
      microUsd: 350_000,
      livemode: true,
      ...changes,
    },
  );
};
const report = async (query = '', key?: string) => {
  const response = await api.get(
    `/v1/usage${query}`,
    key === undefined ? {} : { authorization: `Bearer ${key}` },
  );
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json();
};
const row = { tasks: 1, seconds: 5, images: 0, cost_usd: '0.35', unpriced_tasks: 0, livemode: true };

describe('GET /v1/usage', () => {
  it('sums the current month up by day, unless asked otherwise', async () => {
    await book('2026-10-31');
    await book('2026-11-01');
    await book('2026-11-22');
    await book('2026-11-22', { microUsd: 1, seconds: 10 });
    expect(await report()).toEqual({
      object: 'usage',
      from: '2026-11-01',
      to: '2026-11-22',
      group_by: 'day',
      data: [
        { key: '2026-11-01', ...row },
        { key: '2026-11-22', ...row, tasks: 2, seconds: 15, cost_usd: '0.350001' },
      ],
      total_usd: '0.700001',
    });
  });

  it('sums up by model and by key', async () => {
    await book('2026-11-20', { model: 'kling/kling-v3', keyName: 'web' });
    await book('2026-11-21', { keyName: 'web' });
    await book('2026-11-21', { seconds: 0, images: 2, microUsd: 80_000, model: 'grok/grok-imagine-image' });
    expect(await report('?group_by=model')).toMatchObject({
      data: [
        { key: 'grok/grok-imagine-image', seconds: 0, images: 2, cost_usd: '0.08' },
        { key: 'kling/kling-v2-6', ...row },
        { key: 'kling/kling-v3', ...row },
      ],
      total_usd: '0.78',
    });
    expect(await report('?group_by=key')).toMatchObject({
      data: [
        { key: 'backend', tasks: 1, cost_usd: '0.08' },
        { key: 'web', tasks: 2, cost_usd: '0.7' },
      ],
    });
  });

  it('says of how many tasks nobody knows what they cost, and leaves them out of the sum', async () => {
    await book('2026-11-20');
    await book('2026-11-20', { microUsd: null });
    expect(await report()).toMatchObject({
      data: [{ key: '2026-11-20', tasks: 2, cost_usd: '0.35', unpriced_tasks: 1 }],
      total_usd: '0.35',
    });
  });

  it('takes the days that it is asked for, both inclusive', async () => {
    for (const day of ['2026-08-31', '2026-09-01', '2026-09-02', '2026-09-03']) await book(day);
    expect(await report('?from=2026-09-01&to=2026-09-02&group_by=day')).toMatchObject({
      from: '2026-09-01',
      to: '2026-09-02',
      data: [{ key: '2026-09-01' }, { key: '2026-09-02' }],
    });
  });

  it('shows each key its own workspace, and to a test key that nothing is charged', async () => {
    await book('2026-11-20');
    await book('2026-11-20', { livemode: false, microUsd: 0 }, 'ws_test');
    expect(await report('', foreignKey)).toMatchObject({ data: [], total_usd: '0' });
    expect(await report('', testKey)).toMatchObject({
      data: [{ tasks: 1, cost_usd: '0', livemode: false }],
      total_usd: '0',
    });
  });

  it.each([
    ['group_by=workspace', 'group_by', 'must be one of day, model, key'],
    ['from=2026-11-20&to=2026-11-19', 'to', 'must not be before from'],
    ['from=2025-01-01', 'from', 'at most 400 days'],
    ['from=tomorrow', 'from', 'must be a day such as'],
    ['to=2026-02-30', 'to', 'must be a day such as'],
    ['groupby=day', 'groupby', 'is no parameter'],
    ['from=2026-11-01&from=2026-11-02', 'from', 'more than once'],
  ])('refuses ?%s', async (query, param, words) => {
    const response = await api.get(`/v1/usage?${query}`);
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'invalid_request', param });
    expect(error.message).toContain(words);
  });

  it('has a limit of its own, since it reads much', async () => {
    api.limits.exhausted.add('usage');
    expect((await api.get('/v1/usage')).status).toBe(429);
    expect((await api.get('/v1/video/generations')).status).toBe(200);
  });
});
