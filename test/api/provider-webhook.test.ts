import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { webhookUrl } from '../../lib/providers/webhook-address.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { statusOf } from '../../lib/tasks/task-status.ts';
import processing from '../fixtures/kling/webhook-processing.json' with { type: 'json' };
import submitted from '../fixtures/kling/webhook-submitted.json' with { type: 'json' };
import succeed from '../fixtures/kling/webhook-succeed.json' with { type: 'json' };
import {
  anUnconfirmedTask,
  aRender,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';
import { createTestApi, linkSigningKey, ownUrl, type TestApi } from '../support/api.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';

const { id: taskId } = aTask();
const otherTaskId = 'task_ABCDEFGHIJKLMNOPQRSTUV0123456789';
const urlOf = (id: string, key = linkSigningKey) =>
  webhookUrl(ownUrl, { provider: 'kling', taskId: id }, key);
/** A webhook as Kling sends it of our task. */
const of = ({ body }: { body: object }, changes: object = {}) => ({
  ...body,
  task_info: { external_task_id: taskId },
  ...changes,
});
const aLook = { queue: 'poll', message: expect.objectContaining({ taskId, generation: 2 }) };

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const send = (url: string, body: unknown) =>
  api.request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const sendWebhook = (body: unknown) => send(urlOf(taskId), body);
const store = (task: Task) => api.tasks.create({ ...task, workspaceId: 'ws_own' });
const stored = async () => (await api.tasks.find(taskId)) ?? expect.fail('there is no such task');

describe('a webhook of Kling that says a task', () => {
  it('has ended makes us ask, and no more: it is not believed', async () => {
    await store(aRunningTask());
    expect((await sendWebhook(of(succeed))).status).toBe(200);
    expect(api.sent).toEqual([aLook]);
    expect(await stored()).toMatchObject({ state: 'running', webhooks: { endReported: true } });
    expect(statusOf(await stored())).toBe('SUBMITTED');
  });

  it('is rendering moves the display, and asks nothing', async () => {
    await store(aRunningTask());
    api.clock.nowMs += 5_000;
    expect((await sendWebhook(of(processing))).status).toBe(200);
    expect(await (await api.get(`/v1/video/generations/${taskId}`)).json()).toMatchObject({
      data: { status: 'IN_PROGRESS', start_time: startMs / 1_000 + 5 },
    });
    expect(api.sent).toEqual([]);
  });

  it('is queued there changes nothing to be seen, and asks nothing', async () => {
    await store(aRunningTask());
    await sendWebhook(of(submitted));
    expect(await stored()).toMatchObject({ state: 'running', webhooks: { looks: 0 } });
    expect(statusOf(await stored())).toBe('SUBMITTED');
    expect(api.sent).toEqual([]);
  });

  it('is rendering is asked about where the client is to be told by an event', async () => {
    const callback = { url: 'https://client.example', events: ['video.in_progress' as const] };
    await store(aRunningTask({ callback }));
    await sendWebhook(of(processing));
    expect(statusOf(await stored())).toBe('SUBMITTED');
    expect(await stored()).not.toHaveProperty('webhooks.endReported');
    expect(api.sent).toEqual([aLook]);
  });

  it('is under way before its own submission was written down changes nothing', async () => {
    await store(aSubmittingTask());
    await sendWebhook(of(submitted));
    await sendWebhook(of(processing));
    expect(await stored()).toEqual(aSubmittingTask({ workspaceId: 'ws_own' }));
    expect(api.sent).toEqual([]);
  });

  it('has ended before its own submission was written down is kept for then, and looked up if that was lost', async () => {
    await store(aSubmittingTask());
    await sendWebhook(of(succeed));
    await sendWebhook(of(succeed));
    expect(await stored()).toMatchObject({ state: 'submitting', endReported: true, version: 2 });
    expect(api.sent).toEqual([{ queue: 'submit', message: { taskId } }]);
  });

  it('has ended has a create looked up at once whose answer was lost', async () => {
    await store(anUnconfirmedTask({ notBeforeMs: startMs + 30_000 }));
    await sendWebhook(of(succeed));
    expect(await stored()).toMatchObject({ state: 'unconfirmed', endReported: true, notBeforeMs: startMs });
    expect(api.sent).toEqual([{ queue: 'submit', message: { taskId } }]);
  });

  it('has ended is ignored for a task that was not handed over', async () => {
    await store(aTask());
    await sendWebhook(of(succeed));
    expect(await stored()).toEqual(aTask({ workspaceId: 'ws_own' }));
    expect(api.sent).toEqual([]);
  });

  it('is rendering, but has the id of another, is asked about', async () => {
    await store(aRunningTask());
    await sendWebhook(of(processing, { task_id: '1' }));
    expect(statusOf(await stored())).toBe('SUBMITTED');
    expect(api.sent).toEqual([aLook]);
  });

  it('is rendering, but names another task of ours, is asked about', async () => {
    await store(aRunningTask());
    await sendWebhook(of(processing, { task_info: { external_task_id: otherTaskId } }));
    expect(statusOf(await stored())).toBe('SUBMITTED');
    expect(api.sent).toEqual([aLook]);
  });

  it('is rendering is read within "data" too, and without our id', async () => {
    await store(aRunningTask());
    await sendWebhook({ code: 0, data: of(processing, { task_info: null }) });
    expect(statusOf(await stored())).toBe('IN_PROGRESS');
  });

  it.each([
    ['ended', failTask(aRunningTask(), { code: 'refused', reason: 'no' }, startMs)],
    [
      'been rendering',
      aRunningTask({ render: { ...aRender, startedAtMs: startMs }, webhooks: { looks: 0 } }),
    ],
  ])('is queued or rendering comes too late for one that has %s', async (_what, task) => {
    await store(task);
    await sendWebhook(of(processing));
    await sendWebhook(of(submitted));
    expect(await stored()).toEqual({ ...task, workspaceId: 'ws_own' });
    expect(api.sent).toEqual([]);
  });
});

describe('a webhook of Kling', () => {
  it.each([
    ['nothing', ''],
    ['rubbish', '{{{'],
    ['too much nesting', '['.repeat(60_000)],
    ['too much of it', JSON.stringify(of(processing, { more: 'x'.repeat(70_000) }))],
    ['no status', JSON.stringify(of(processing, { task_status: undefined }))],
    ['an unknown status', JSON.stringify(of(processing, { task_status: 'PROCESSING…' }))],
    ['a status of another kind', JSON.stringify(of(processing, { task_status: ['processing'] }))],
    ['no id', JSON.stringify(of(processing, { task_id: undefined }))],
    ['the success of another task', JSON.stringify(of(succeed, { task_id: '1' }))],
  ])('makes us ask and no more with %s in it', async (_what, body) => {
    await store(aRunningTask());
    expect((await sendWebhook(body)).status).toBe(200);
    expect(api.sent).toEqual([aLook]);
    expect(statusOf(await stored())).toBe('SUBMITTED');
  });

  it('can at most say that a task is rendering, or cost one look, whatever is in it', async () => {
    const status = fc.oneof(fc.constantFrom('submitted', 'processing', 'succeed', 'failed'), fc.string());
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ task_status: status, status, task_id: fc.jsonValue() }).map((said) => of(succeed, said)),
      fc.record({ task_status: status, task_id: fc.constant('867283741759111202'), data: fc.jsonValue() }),
    );
    await fc.assert(
      fc.asyncProperty(body, async (said) => {
        api = createTestApi();
        await store(aRunningTask());
        expect((await sendWebhook(said)).status).toBe(200);
        const task = await stored();
        expect(['SUBMITTED', 'IN_PROGRESS']).toContain(statusOf(task));
        const { render: _render, ...before } = aRunningTask({ workspaceId: 'ws_own' });
        const kept = { id: before.id, model: before.model, deadlineAtMs: before.deadlineAtMs };
        expect(task).toMatchObject({ ...kept, state: 'running', render: aRender });
        expect([[], [aLook]]).toContainEqual(api.sent);
      }),
      { numRuns: 300 },
    );
  });

  it('may be repeated: a look that is still to come serves for all', async () => {
    await store(aRunningTask());
    for (const body of [processing, processing, processing]) await sendWebhook(of(body));
    expect(statusOf(await stored())).toBe('IN_PROGRESS');
    expect(await stored()).toMatchObject({ version: 2 });
    api.clock.nowMs += 1_000;
    for (const body of [succeed, succeed, succeed]) await sendWebhook(of(body));
    expect(api.sent).toEqual([aLook]);
    expect(await stored()).toMatchObject({ version: 3, webhooks: { lookAtMs: startMs + 2_000 } });
  });

  it('is not even looked at when it keeps coming: an address that leaked costs nothing', async () => {
    await store(aRunningTask());
    let reads = 0;
    const { change } = api.tasks;
    api = createTestApi({
      dependencies: {
        tasks: {
          ...api.tasks,
          change: (...input) => {
            reads += 1;
            return change(...input);
          },
        },
      },
    });
    const statuses: number[] = [];
    for (let count = 0; count < 100; count += 1) statuses.push((await sendWebhook(of(succeed))).status);
    expect(statuses).toEqual([...Array(30).fill(200), ...Array(70).fill(429)]);
    expect(reads).toBe(30);
    api.clock.nowMs += 60_000;
    expect((await sendWebhook(of(succeed))).status).toBe(200);
  });

  it('is accepted although its wake-up cannot be sent: the polls go on', async () => {
    const sendPoll = () => Promise.reject(new Error('the queue is away'));
    const wakeUps = { ...createRecordedWakeUps().wakeUps, sendPoll };
    api = createTestApi({ dependencies: { wakeUps } });
    expect((await sendWebhook(of(succeed))).status).toBe(200);
  });

  it('is accepted although it cannot be recorded: the polls go on', async () => {
    const change = () => Promise.reject(new Error('the table is away'));
    api = createTestApi({ dependencies: { tasks: { ...api.tasks, change } } });
    expect((await sendWebhook(of(processing))).status).toBe(200);
  });

  const token = urlOf(taskId).split('/').at(-1) ?? '';
  it.each([
    ['forged', `${ownUrl}/hooks/kling/${taskId}/${'A'.repeat(token.length)}`],
    ['cut short', `${ownUrl}/hooks/kling/${taskId}/${token.slice(0, -1)}`],
    ['for another task', `${ownUrl}/hooks/kling/${otherTaskId}/${token}`],
    ['signed with another key', urlOf(taskId, 'another key')],
    ['without a token', `${ownUrl}/hooks/kling/${taskId}/`],
    ['in other letters', `${ownUrl}/hooks/kling/${taskId}/${token.toLowerCase()}`],
    ['with letters of two bytes', `${ownUrl}/hooks/kling/${taskId}/${encodeURIComponent('ü'.repeat(32))}`],
  ])('that is %s is not known here and wakes nobody', async (_what, url) => {
    await store(aRunningTask());
    expect((await send(url, of(processing))).status).toBe(404);
    expect((await send(url, of(succeed))).status).toBe(404);
    expect(api.sent).toEqual([]);
    expect((await stored()).version).toBe(1);
  });

  it('leaves its token in no log line', async () => {
    await sendWebhook(of(processing));
    await sendWebhook(of(succeed));
    expect(JSON.stringify(api.logged)).not.toContain(token);
  });

  it('is logged under the task that it moved', async () => {
    await sendWebhook(of(processing));
    expect(api.logged.at(-1)).toMatchObject({ event: 'request.answered' });
    expect(api.logged.at(-1)?.fields).not.toHaveProperty('workspaceId');
  });
});
