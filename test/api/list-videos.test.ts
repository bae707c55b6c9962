import { beforeEach, describe, expect, it } from 'vitest';
import { failTask } from '../../lib/tasks/settlement.ts';
import { anImageTask, aTask, startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, foreignKey, type TestApi } from '../support/api.ts';

const videos = '/v1/video/generations';
const idOf = (number: number) => `task_${String(number).padStart(32, '0')}`;

type Page = { object: string; data: { id: string }[]; has_more: boolean; last_id: string | null };

let api: TestApi;
beforeEach(async () => {
  api = createTestApi();
  for (let number = 1; number <= 25; number += 1) {
    const task = aTask({ id: idOf(number), workspaceId: 'ws_own', createdAtMs: startMs + number });
    const failure = { code: 'refused', reason: 'no' } as const;
    await api.tasks.create(number % 5 === 0 ? failTask(task, failure, startMs) : task);
  }
  await api.tasks.create(aTask({ id: idOf(99), workspaceId: 'ws_foreign' }));
});

const list = async (query = '', headers?: Record<string, string>): Promise<Page> =>
  (await (await api.get(`${videos}${query}`, headers)).json()) as Page;
const numbersOf = (page: Page) => page.data.map(({ id }) => Number(id.slice('task_'.length)));

describe('the list of tasks', () => {
  it('shows the newest 20 of the caller’s own', async () => {
    const page = await list();
    expect(numbersOf(page)).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index));
    expect(page).toMatchObject({ object: 'list', has_more: true, last_id: idOf(6) });
  });

  it('shows each task as a poll does, with its id', async () => {
    const { data } = await list('?limit=1');
    const poll = (await (await api.get(`${videos}/${idOf(25)}`)).json()) as { data: object };
    expect(data).toStrictEqual([{ id: idOf(25), ...poll.data }]);
  });

  it('is walked through page by page', async () => {
    const seen: number[] = [];
    let after = '';
    for (let page = await list('?limit=10'); ; page = await list(`?limit=10${after}`)) {
      seen.push(...numbersOf(page));
      after = `&after=${page.last_id}`;
      if (!page.has_more) break;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => 25 - index));
  });

  it('shows videos only, whatever lies between them', async () => {
    for (let number = 30; number < 60; number += 1)
      await api.tasks.create(
        anImageTask({ id: idOf(number), workspaceId: 'ws_own', createdAtMs: startMs + number }),
      );
    expect(numbersOf(await list('?limit=3'))).toEqual([25, 24, 23]);
  });

  it('can be narrowed to a status', async () => {
    const page = await list('?status=FAILURE&limit=3');
    expect(numbersOf(page)).toEqual([25, 20, 15]);
    const rest = await list(`?status=FAILURE&limit=3&after=${page.last_id}`);
    expect(numbersOf(rest)).toEqual([10, 5]);
    expect(rest.has_more).toBe(false);
  });

  it('can be narrowed to a time: from since, before until', async () => {
    for (let second = 1; second <= 3; second += 1)
      await api.tasks.create(
        aTask({ id: idOf(100 + second), workspaceId: 'ws_own', createdAtMs: startMs + second * 60_000 }),
      );
    const seconds = startMs / 1_000;
    expect(numbersOf(await list(`?since=${seconds + 60}&until=${seconds + 180}`))).toEqual([102, 101]);
    const since = encodeURIComponent(new Date(startMs + 120_000).toISOString());
    expect(numbersOf(await list(`?since=${since}`))).toEqual([103, 102]);
    expect(numbersOf(await list(`?since=${since}&after=${idOf(103)}`))).toEqual([102]);
  });

  it('is empty where there is nothing', async () => {
    expect(await list('?status=SUCCESS')).toStrictEqual({
      object: 'list',
      data: [],
      has_more: false,
      last_id: null,
    });
  });

  it('holds nothing of another workspace', async () => {
    const page = await list('', { authorization: `Bearer ${foreignKey}` });
    expect(numbersOf(page)).toEqual([99]);
  });

  it('takes a parameter without a value for one that is not there', async () => {
    expect(await list('?limit=&status=&after=')).toEqual(await list());
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=ten', 'limit'],
    ['status=queued', 'status'],
    ['status=__proto__', 'status'],
    ['since=yesterday', 'since'],
    ['since=2026-11-22', 'since'],
    ['since=2026-02-30T00:00:00Z', 'since'],
    ['since=2026-11-31T00:00:00%2B01:00', 'since'],
    ['until=1795706538000', 'until'],
    ['since=200&until=100', 'until'],
  ])('is refused for %s', async (query, param) => {
    const response = await api.get(`${videos}?${query}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param });
  });

  it('names both of two wrong parameters', async () => {
    const { message } = await errorOf(await api.get(`${videos}?limit=0&status=x`));
    expect(message).toMatch(/limit must .* status must /);
  });

  it.each([
    ['an unknown task', idOf(1_000)],
    ['another workspace’s task', idOf(99)],
    ['no task id', 'x'],
  ])('cannot begin after %s', async (_what, after) => {
    const response = await api.get(`${videos}?after=${after}`);
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: 'task_not_found', param: 'after' });
  });
});
