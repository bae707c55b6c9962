import { beforeEach, describe, expect, it } from 'vitest';
import { workspaceLineOf } from '../../lib/tasks/line.ts';
import { settle } from '../../lib/tasks/settlement.ts';
import type { Task } from '../../lib/tasks/task.ts';
import { aSubmittedTask, aTask, startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, type TestApi } from '../support/api.ts';

const videos = '/v1/video/generations';
const startSeconds = startMs / 1000;
const callback = { url: 'https://hooks.example.com', events: ['video.completed' as const] };
const resultUrl = 'https://cdn.example.com/a.mp4?sign=1';

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const stored = async (task: Task): Promise<string> => {
  await api.tasks.create({ ...task, workspaceId: 'ws_own' });
  return task.id;
};
const shown = async (task: Task) => (await api.get(`${videos}/${await stored(task)}`)).json();

describe('the answer to a poll', () => {
  it('is wrapped as ClearMaas wraps it, with a percentage as text and times in seconds', async () => {
    expect(await shown(aTask())).toStrictEqual({
      code: 'success',
      message: '',
      data: {
        task_id: 'task_0123456789ABCDEFGHIJKLMNOPQRSTUV',
        model: 'kling/kling-v2-6',
        action: 'textGenerate',
        status: 'NOT_START',
        progress: '0%',
        submit_time: startSeconds,
        start_time: 0,
        finish_time: 0,
        callback: { state: 'none', event_id: null, attempts: 0, last_cause: null, next_attempt_at: null },
      },
    });
  });

  it('tells a task that waits for a slot its place in the line, and when it may start', async () => {
    const model = aTask().resolvedModel;
    const before = await api.line.join(model, 'ws_other', 'task_before');
    api.clock.nowMs += 1;
    const place = await api.line.join(model, 'ws_own', aTask().id);
    const waiting = aTask({ submission: { ...aTask().submission, place } });
    const answer = await shown(waiting);
    expect(answer).toMatchObject({ data: { status: 'NOT_START', queue_position: 2 } });
    expect(answer).not.toHaveProperty('data.estimated_start');

    await api.line.recordStart(model, before);
    api.clock.nowMs += 30_000;
    await api.line.recordStart(model, before);
    await api.line.leave(model, before);
    const later = await (await api.get(`${videos}/${waiting.id}`)).json();
    expect(later).toMatchObject({ data: { queue_position: 1, estimated_start: startSeconds + 60 } });
  });

  it('tells a task its place among those of its workspace that may not start yet', async () => {
    const name = workspaceLineOf({ workspaceId: 'ws_own' });
    await api.line.join(name, 'ws_own', 'task_before');
    api.clock.nowMs += 1;
    const place = await api.line.join(name, 'ws_own', aTask().id);
    const answer = await shown(aTask({ submission: { ...aTask().submission, line: 'workspace', place } }));
    expect(answer).toMatchObject({ data: { status: 'NOT_START', queue_position: 2 } });
  });

  it('has the link once the video is there', async () => {
    const ended = settle(
      aSubmittedTask({ startedAtMs: startMs + 5_000 }),
      { status: 'SUCCESS', resultUrl },
      startMs + 75_000,
    );
    expect(await shown(ended)).toMatchObject({
      data: {
        status: 'SUCCESS',
        progress: '100%',
        result_url: resultUrl,
        start_time: startSeconds + 5,
        finish_time: startSeconds + 75,
      },
    });
  });

  it('has the reason once the video has failed', async () => {
    const ended = settle(
      aSubmittedTask(),
      { status: 'FAILURE', failReason: 'The prompt was refused.' },
      startMs + 9_000,
    );
    const answer = await shown(ended);
    expect(answer).toMatchObject({
      data: { status: 'FAILURE', progress: '100%', fail_reason: 'The prompt was refused.' },
    });
    expect(answer).not.toHaveProperty('data.result_url');
  });

  it('echoes the caller’s own reference', async () => {
    expect(await shown(aTask({ callerReference: 'order-7' }))).toMatchObject({
      data: { external_task_id: 'order-7' },
    });
  });

  it('never goes back in its progress while a video renders, and stays below its end', async () => {
    const id = await stored(aSubmittedTask());
    let before = -1;
    for (let seconds = 0; seconds < 1_000; seconds += 10) {
      api.clock.nowMs = startMs + seconds * 1_000;
      const { data } = (await (await api.get(`${videos}/${id}`)).json()) as { data: { progress: string } };
      expect(data.progress).toMatch(/^\d{1,2}%$/);
      expect(Number.parseInt(data.progress, 10)).toBeGreaterThanOrEqual(before);
      before = Number.parseInt(data.progress, 10);
    }
    expect(before).toBeGreaterThan(80);
    expect(before).toBeLessThanOrEqual(95);
  });

  it.each<[string, Partial<Task>, object]>([
    ['pending until something happens', { callback }, { state: 'pending', attempts: 0 }],
    [
      'retrying after an attempt that failed',
      {
        callback,
        status: 'FAILURE',
        delivery: {
          eventId: 'evt_1',
          type: 'video.failed',
          createdAtMs: startMs,
          state: 'pending',
          attempts: 2,
          lastCause: 'your server answered 500',
          nextAttemptAtMs: startMs + 60_000,
        },
      },
      {
        state: 'retrying',
        event_id: 'evt_1',
        attempts: 2,
        last_cause: 'your server answered 500',
        next_attempt_at: startSeconds + 60,
      },
    ],
    [
      'delivered, with the time of a redelivery that was asked for',
      {
        callback,
        status: 'FAILURE',
        delivery: {
          eventId: 'evt_1',
          type: 'video.failed',
          createdAtMs: startMs,
          state: 'delivered',
          attempts: 1,
          redeliverAtMs: startMs + 5_000,
        },
      },
      { state: 'delivered', next_attempt_at: startSeconds + 5 },
    ],
    ['none where the end was not asked for', { callback, status: 'FAILURE' }, { state: 'none' }],
  ])('says of the callback that it is %s', async (_state, changes, expected) => {
    expect(await shown(aTask(changes))).toMatchObject({ data: { callback: expected } });
  });

  it('tells a waiting client when to ask again, within what SDKs obey', async () => {
    const response = await api.get(`${videos}/${await stored(aSubmittedTask())}`);
    const seconds = Number(response.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(response.headers.get('openai-poll-after-ms')).toBe(String(seconds * 1_000));
  });

  it('tells a client whose task waits in a line to ask again when its turn has come and a render can be over', async () => {
    const model = aTask().resolvedModel;
    const first = await api.line.join(model, 'ws_other', 'task_before');
    api.clock.nowMs += 1;
    const place = await api.line.join(model, 'ws_own', aTask().id);
    const retryAfter = async () => (await api.get(`${videos}/${aTask().id}`)).headers.get('retry-after');
    await stored(aTask({ typicalSeconds: 20, submission: { ...aTask().submission, place } }));
    expect(await retryAfter()).toBe('12');

    await api.line.recordStart(model, first);
    api.clock.nowMs += 15_000;
    await api.line.recordStart(model, first);
    api.clock.nowMs += 3_000;
    expect(await retryAfter()).toBe(String(2 * 15 - 3 + 12));
  });

  it('tells nobody to ask again once the task has ended', async () => {
    const ended = settle(aSubmittedTask(), { status: 'SUCCESS', resultUrl }, startMs);
    const response = await api.get(`${videos}/${await stored(ended)}`);
    expect(response.headers.get('retry-after')).toBeNull();
  });

  it('says nothing of what only the gateway knows', async () => {
    const text = JSON.stringify(await shown(aSubmittedTask({ callback })));
    for (const secret of ['867283741759111202', 'ws_own', 'hooks.example.com', 'requestHash', 'lease'])
      expect(text).not.toContain(secret);
  });

  it('is 404 once the task has been forgotten', async () => {
    const id = await stored(aTask());
    api.clock.nowMs += 31 * 86_400_000;
    const response = await api.get(`${videos}/${id}`);
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: 'task_not_found', param: 'task_id' });
  });
});

describe('the content of a task', () => {
  it('is a redirection to the video', async () => {
    const ended = settle(aSubmittedTask(), { status: 'SUCCESS', resultUrl }, startMs);
    const response = await api.get(`${videos}/${await stored(ended)}/content`);
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(resultUrl);
  });

  it.each<[string, Task, number, string]>([
    ['is not there yet', aSubmittedTask(), 409, 'not ready yet'],
    [
      'will never be there',
      settle(aSubmittedTask(), { status: 'FAILURE', failReason: 'The prompt was refused.' }, startMs),
      404,
      'The prompt was refused.',
    ],
  ])('that %s is refused with the reason', async (_what, task, status, words) => {
    const response = await api.get(`${videos}/${await stored(task)}/content`);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'result_not_ready', param: 'task_id' });
    expect(error.message).toContain(words);
  });
});

describe('cancelling', () => {
  const cancel = async (task: Task) => api.post(`${videos}/${await stored(task)}/cancel`);

  it('ends a task that waits, and tells its receiver', async () => {
    const events = ['video.failed' as const];
    const response = await cancel(aTask({ callback: { ...callback, events } }));
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { data: { callback: { event_id: string } } };
    expect(answer).toMatchObject({
      code: 'success',
      data: {
        status: 'FAILURE',
        fail_reason: 'Cancelled by the caller.',
        progress: '100%',
        finish_time: startSeconds,
        callback: { state: 'pending', event_id: expect.stringMatching(/^evt_/) },
      },
    });
    expect(api.sent).toEqual([
      {
        queue: 'deliver',
        message: { taskId: aTask().id, eventId: answer.data.callback.event_id },
      },
    ]);
    expect(await api.tasks.find(aTask().id)).not.toHaveProperty('request');
  });

  it('wakes nobody where nobody wants to hear of it', async () => {
    expect((await cancel(aTask())).status).toBe(200);
    expect(api.sent).toEqual([]);
  });

  it('frees the place of a task that waited for a slot', async () => {
    const { submission, resolvedModel } = aTask();
    const place = await api.line.join(resolvedModel, 'ws_own', aTask().id);
    const answer = await (await cancel(aTask({ submission: { ...submission, place } }))).json();
    expect(answer).not.toHaveProperty('data.queue_position');
    expect(await api.line.first(resolvedModel)).toBeUndefined();
  });

  it('frees the place of a task that waited for others of its workspace', async () => {
    const waiting = aTask({ workspaceId: 'ws_own' });
    const name = workspaceLineOf(waiting);
    const place = await api.line.join(name, 'ws_own', waiting.id);
    await cancel(aTask({ submission: { ...waiting.submission, line: 'workspace', place } }));
    expect(await api.line.first(name)).toBeUndefined();
  });

  it('lets the next of its workspace start instead of a task that had room already', async () => {
    const { submission, resolvedModel } = aTask();
    const place = await api.line.join(resolvedModel, 'ws_own', aTask().id);
    await api.inFlight.add('ws_own', aTask().id, 1);
    await api.line.join(workspaceLineOf({ workspaceId: 'ws_own' }), 'ws_own', 'task_next');
    await cancel(aTask({ submission: { ...submission, counted: true, place } }));
    expect(await api.inFlight.list('ws_own')).toEqual([]);
    expect(api.sent).toEqual([{ queue: 'submit', message: { taskId: 'task_next' } }]);
  });

  const waiting = aTask().submission;
  it.each<[string, Task, string]>([
    [
      'being handed over',
      aTask({ submission: { ...waiting, leaseUntilMs: startMs + 1 } }),
      'Kling cannot stop',
    ],
    [
      'perhaps handed over',
      aTask({ status: 'UNKNOWN', submission: { ...waiting, unansweredSinceMs: startMs } }),
      'Kling cannot stop',
    ],
    [
      'possibly handed over by a worker that died',
      aTask({ submission: { ...waiting, leaseUntilMs: startMs - 1, unansweredSinceMs: startMs - 60_000 } }),
      'Kling cannot stop',
    ],
    ['with Kling', aSubmittedTask(), 'Kling cannot stop'],
    ['rendering', aSubmittedTask({ status: 'IN_PROGRESS' }), 'Kling cannot stop'],
    ['made', settle(aSubmittedTask(), { status: 'SUCCESS', resultUrl }, startMs), 'already ended'],
    ['failed', settle(aTask(), { status: 'FAILURE', failReason: 'no' }, startMs), 'already ended'],
  ])('is refused for a task that is %s', async (_state, task, words) => {
    const response = await cancel(task);
    expect(response.status).toBe(409);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'task_not_cancellable', param: 'task_id' });
    expect(error.message).toContain(words);
    expect(await api.tasks.find(task.id)).toMatchObject({ version: 1, status: task.status });
  });

  it('is possible once', async () => {
    const id = await stored(aTask());
    const answers = await Promise.all([1, 2].map(() => api.post(`${videos}/${id}/cancel`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});
