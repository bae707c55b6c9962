import { beforeEach, describe, expect, it } from 'vitest';
import { taskEvent } from '../../lib/callbacks/event.ts';
import { type Delivery, taskEventTypes } from '../../lib/tasks/delivery.ts';
import { failTask, withEvent } from '../../lib/tasks/settlement.ts';
import { eventIdFor } from '../../lib/tasks/task-id.ts';
import { anEndedTask, anImageTask, aRunningTask, aTask, startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, foreignKey, type TestApi } from '../support/api.ts';

const idOf = (number: number) => `task_${String(number).padStart(32, '0')}`;
type Page = {
  object: string;
  data: { id: string; type: string; data: { id: string } }[];
  has_more: boolean;
  cursor: string;
};

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
  api.clock.nowMs = startMs + 3_600_000;
});

const end = (number: number, changes: object = {}) =>
  api.tasks.create(
    anEndedTask({ id: idOf(number), workspaceId: 'ws_own', endedAtMs: startMs + number * 1_000, ...changes }),
  );
const failure = { code: 'refused', reason: 'no' } as const;
const list = async (query: Record<string, string> = {}, headers?: Record<string, string>): Promise<Page> =>
  (await (await api.get(`/v1/events?${new URLSearchParams(query)}`, headers)).json()) as Page;
const numbersOf = (page: Page) => page.data.map(({ data }) => Number(data.id.slice('task_'.length)));

describe('the feed of events', () => {
  it('shows every end, with or without a callback URL, oldest first', async () => {
    await end(2);
    await end(1, { callback: { url: 'https://a.example', events: ['video.failed'] } });
    await api.tasks.create(
      failTask(anImageTask({ id: idOf(3), workspaceId: 'ws_own' }), failure, startMs + 3_000),
    );
    await api.tasks.create(aTask({ id: idOf(4), workspaceId: 'ws_own' }));
    const page = await list();
    expect(numbersOf(page)).toEqual([1, 2, 3]);
    expect(page.data.map(({ type }) => type)).toEqual(['video.completed', 'video.completed', 'image.failed']);
    expect(page).toMatchObject({ object: 'list', has_more: false });
  });

  it('carries the very body that is called back, under the same id', async () => {
    const callback = { url: 'https://a.example', events: [...taskEventTypes] };
    const task = failTask(aRunningTask({ id: idOf(1), workspaceId: 'ws_own', callback }), failure, startMs);
    await api.tasks.create(task);
    const { data } = await list();
    const sent = taskEvent(task, task.delivery as Delivery);
    expect(JSON.stringify(data[0])).toBe(sent.body.toString());
    expect(data[0]?.id).toBe(eventIdFor(task.id, 'video.failed'));
  });

  it('shows a progress event that was asked for until the task ends', async () => {
    const callback = { url: 'https://a.example', events: ['video.in_progress' as const] };
    const running = aRunningTask({ id: idOf(1), workspaceId: 'ws_own', callback });
    await api.tasks.create(withEvent(running, 'video.in_progress', startMs));
    await api.tasks.create(aRunningTask({ id: idOf(2), workspaceId: 'ws_own' }));
    const { data, cursor } = await list();
    expect(data.map(({ type }) => type)).toEqual(['video.in_progress']);
    await api.tasks.change(idOf(1), (task) => failTask(task, failure, api.clock.nowMs));
    const rest = await list({ after: cursor });
    expect(rest.data.map(({ type }) => type)).toEqual(['video.failed']);
  });

  it('is walked through page by page, and goes on where it stopped', async () => {
    for (let number = 1; number <= 25; number += 1) await end(number);
    const first = await list({ limit: '10' });
    const second = await list({ limit: '10', after: first.cursor });
    const third = await list({ limit: '10', after: second.cursor });
    expect([first, second, third].map(({ has_more }) => has_more)).toEqual([true, true, false]);
    expect([first, second, third].flatMap(numbersOf)).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
    expect((await list({ after: third.cursor })).data).toEqual([]);
    await end(30, { endedAtMs: api.clock.nowMs });
    expect(numbersOf(await list({ after: third.cursor }))).toEqual([30]);
  });

  it('shows what becomes visible late, and nothing twice', async () => {
    await end(1, { endedAtMs: api.clock.nowMs - 1_000 });
    const { cursor } = await list();
    await end(2, { endedAtMs: api.clock.nowMs - 100_000 });
    const late = await list({ after: cursor });
    expect(numbersOf(late)).toEqual([2]);
    expect((await list({ after: late.cursor })).data).toEqual([]);
  });

  it('can be narrowed to types', async () => {
    for (let number = 1; number <= 250; number += 1) await end(number);
    await end(260, { result: { status: 'FAILURE', ...failure } });
    const page = await list({ types: 'video.failed,image.failed' });
    expect(numbersOf(page)).toEqual([260]);
    expect(page.has_more).toBe(false);
  });

  it('begins at a time, where one is given', async () => {
    for (const number of [1, 2, 3]) await end(number);
    expect(numbersOf(await list({ after: new Date(startMs + 2_000).toISOString() }))).toEqual([2, 3]);
    expect(numbersOf(await list({ after: String(startMs / 1_000 + 3) }))).toEqual([3]);
    // As Python writes it, put into a query without encoding.
    const withPlus = new Date(startMs + 2_000).toISOString().replace('Z', '+00:00');
    const answer = await api.get(`/v1/events?after=${withPlus}`);
    expect(numbersOf((await answer.json()) as Page)).toEqual([2, 3]);
  });

  it('holds nothing of another workspace, and takes no cursor of it', async () => {
    await end(1);
    const { cursor } = await list();
    const authorization = `Bearer ${foreignKey}`;
    expect((await list({}, { authorization })).data).toEqual([]);
    const answer = await api.get(`/v1/events?after=${cursor}`, { authorization });
    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toMatchObject({ code: 'invalid_request', param: 'after' });
  });

  it.each([
    ['after=cur_garbage', 'after'],
    ['after=yesterday', 'after'],
    ['after=1795303912000', 'after'],
    ['after=99999999999', 'after'],
    ['types=video.done', 'types'],
    ['types=video.failed,', 'types'],
    ['types=__proto__', 'types'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['wait=21', 'wait'],
    ['wait=-1', 'wait'],
    ['wait=1.5', 'wait'],
    ['since=1', 'since'],
  ])('refuses %s', async (query, param) => {
    const answer = await api.get(`/v1/events?${query}`);
    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toMatchObject({ code: 'invalid_request', param });
  });
});

describe('waiting for an event', () => {
  /** Counts the reads, and lets something happen during one of the pauses. */
  const withPauses = (happen: (pauses: number) => unknown = () => undefined) => {
    const pauses: number[] = [];
    api = createTestApi({
      dependencies: {
        pause: async (ms) => {
          pauses.push(ms);
          api.clock.nowMs += ms;
          await happen(pauses.length);
        },
      },
    });
    return pauses;
  };

  it('ends with the event, as soon as there is one', async () => {
    const pauses = withPauses((count) => count === 3 && end(1, { endedAtMs: api.clock.nowMs }));
    expect(numbersOf(await list({ wait: '20' }))).toEqual([1]);
    expect(pauses).toHaveLength(3);
  });

  it('reads ten times in 20 seconds, less and less often', async () => {
    const pauses = withPauses();
    expect((await list({ wait: '20' })).data).toEqual([]);
    expect(pauses.length).toBeLessThanOrEqual(10);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBe(20_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(4_000);
  });

  it('does not wait where there is something', async () => {
    const pauses = withPauses();
    await end(1);
    expect(numbersOf(await list({ wait: '20' }))).toEqual([1]);
    expect(pauses).toEqual([]);
  });

  it('is not granted to more than a workspace may have, which are told when to ask again', async () => {
    const pauses = withPauses();
    api.limits.exhausted.add('wait');
    const answer = await api.get('/v1/events?wait=20');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(pauses).toEqual([]);
  });
});
