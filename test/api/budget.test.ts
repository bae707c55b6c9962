import { describe, expect, it } from 'vitest';
import type { Cap } from '../../lib/cap.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import { startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, testKey } from '../support/api.ts';

/** Five seconds of kling-v2-6 in std cost $0.21. */
const costUsd = 0.21;
const video = { model: 'kling/kling-v2-6', prompt: 'a boat' };
const midnight = Date.parse('2026-11-23T00:00:00Z') / 1000;

const aCap = (microUsd: number, per: Cap['per'] = 'day'): Cap => ({ microUsd, per });
const capped = (cap: Cap | undefined) => createTestApi({ workspace: cap === undefined ? {} : { cap } });
const committed = async (api: ReturnType<typeof createTestApi>, periodId = '2026-11-22') =>
  (await api.budgets.find({ workspaceId: 'ws_own', periodId }))?.committedMicroUsd;
const taskIdOf = async (response: Response) => ((await response.json()) as { id: string }).id;

describe('a workspace with a cap', () => {
  it('may send what fits, and hears of the rest what is left and when it begins anew', async () => {
    const api = capped(aCap(500_000));
    expect((await api.submit(video)).status).toBe(200);
    expect((await api.submit(video)).status).toBe(200);
    const refused = await api.submit(video);
    expect(refused.status).toBe(402);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    const error = await errorOf(refused);
    expect(error).toEqual({
      message: expect.stringMatching(
        /\$0\.21, and \$0\.08 is left of the \$0\.5 .* in a day.*2026-11-23T00:00:00Z \(UTC\)/,
      ),
      type: 'clearmaas_api_error',
      code: 'budget_exceeded',
      param: null,
      remaining_usd: '0.08',
      resets_at: midnight,
    });
    expect(api.created).toHaveLength(2);
  });

  it('takes exactly 10 of 50 that come at once where there is room for 10', async () => {
    const api = capped(aCap(costUsd * 10 * 1_000_000));
    const answers = await Promise.all(Array.from({ length: 50 }, () => api.submit(video)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 402)).toHaveLength(40);
    expect(api.created).toHaveLength(10);
  });

  it('is served in the other dialect out of the same budget', async () => {
    const api = capped(aCap(300_000));
    expect((await api.post('/v1/videos', { ...video, seconds: '5', size: '1280x720' })).status).toBe(200);
    expect((await api.submit(video)).status).toBe(402);
  });

  it('reserves nothing for a repeat, and repeats are answered when nothing is left', async () => {
    const api = capped(aCap(300_000));
    const again = { 'idempotency-key': 'once' };
    const first = await Promise.all(Array.from({ length: 20 }, () => api.submit(video, again)));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]));
    expect(api.created.length).toBeGreaterThan(0);
    expect(await committed(api)).toBe(210_000);
    const repeat = await api.submit(video, again);
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    expect((await api.submit(video, { 'idempotency-key': 'another' })).status).toBe(402);
  });

  it('has the money back of a task that is called off', async () => {
    const api = capped(aCap(300_000));
    const id = await taskIdOf(await api.submit(video));
    expect((await api.submit(video)).status).toBe(402);
    expect((await api.post(`/v1/video/generations/${id}/cancel`)).status).toBe(200);
    expect(await committed(api)).toBe(0);
    expect((await api.submit(video)).status).toBe(200);
  });

  it('begins anew with the next day of UTC', async () => {
    const api = capped(aCap(300_000));
    await api.submit(video);
    expect((await api.submit(video)).status).toBe(402);
    api.clock.nowMs = midnight * 1000;
    expect((await api.submit(video)).status).toBe(200);
    expect(await committed(api, '2026-11-23')).toBe(210_000);
  });

  it('pays out of the budget of the day that the task says it was accepted on, however long that took', async () => {
    const api = createTestApi({
      workspace: { cap: aCap(300_000) },
      dependencies: {
        limiter: {
          async take() {
            api.clock.nowMs += 2_000;
            return { allowed: true, giveBack: () => {} };
          },
        },
      },
    });
    api.clock.nowMs = midnight * 1000 - 1_000;
    const task = await api.tasks.find(await taskIdOf(await api.submit(video)));
    expect(task).toMatchObject({
      createdAtMs: midnight * 1000 - 1_000,
      reservation: { periodId: '2026-11-22' },
    });
    expect(await committed(api)).toBe(210_000);
  });

  it('may have its cap for a month', async () => {
    const api = capped(aCap(300_000, 'month'));
    await api.submit(video);
    api.clock.nowMs += 3 * 86_400_000;
    const error = await errorOf(await api.submit(video));
    expect(error.message).toMatch(/in a month.*2026-12-01T00:00:00Z/);
  });

  it('may send more within 35 s of its cap being raised', async () => {
    const api = capped(aCap(300_000));
    await api.submit(video);
    expect((await api.submit(video)).status).toBe(402);
    const workspace = api.workspaces.get('ws_own');
    if (workspace !== undefined) api.workspaces.set('ws_own', { ...workspace, cap: aCap(600_000) });
    api.clock.nowMs += 35_000;
    expect((await api.submit(video)).status).toBe(200);
  });

  it('may not ask for what has no known price, and hears whom to ask', async () => {
    const api = capped(aCap(300_000));
    const refused = await api.submit({
      model: 'kling/kling-v3-omni',
      prompt: 'the boat turns',
      metadata: { video_list: [{ video_url: 'https://videos.example.com/boat.mp4', refer_type: 'base' }] },
    });
    expect(refused.status).toBe(400);
    expect((await errorOf(refused)).message).toMatch(
      /spending cap\. How long the video will be is not known.*ask the operator/,
    );
    expect(api.created).toEqual([]);
  });

  it('pays for a task of yesterday out of the budget of yesterday, however late it ends', async () => {
    const api = capped(aCap(300_000));
    const id = await taskIdOf(await api.submit(video));
    api.clock.nowMs = midnight * 1000 + 60_000;
    await api.submit(video);
    expect((await api.post(`/v1/video/generations/${id}/cancel`)).status).toBe(200);
    expect(await committed(api)).toBe(0);
    expect(await committed(api, '2026-11-23')).toBe(210_000);
  });

  it('does not lose what a video cost that is deleted', async () => {
    const api = capped(aCap(300_000));
    const id = await taskIdOf(await api.submit(video));
    // As by a worker that died before it could settle the budget.
    await api.tasks.change(id, (task) =>
      failTask(task, { code: 'generation_failed', reason: 'no', units: '1' }, startMs),
    );
    expect(await committed(api)).toBe(210_000);
    const request = { method: 'DELETE', headers: { authorization: 'Bearer sk-clearmaas-own' } };
    expect((await api.request(`/v1/videos/${id}`, request)).status).toBe(200);
    expect(await committed(api)).toBe(140_000);
  });
});

describe('no cap', () => {
  it('costs no budget', async () => {
    const api = capped(undefined);
    for (let task = 0; task < 3; task += 1) expect((await api.submit(video)).status).toBe(200);
    expect(await committed(api)).toBeUndefined();
  });

  it('holds what a test key makes, which costs nothing', async () => {
    const api = capped(aCap(1));
    const answer = await api.submit(video, { authorization: `Bearer ${testKey}` });
    expect(answer.status).toBe(200);
  });
});
