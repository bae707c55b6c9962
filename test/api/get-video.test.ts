import { beforeEach, describe, expect, it } from 'vitest';
import { completeVideo, failTask } from '../../lib/tasks/settlement.ts';
import type { QueuedVideo, Task } from '../../lib/tasks/task.ts';
import { aRender, aRunningTask, aTask, startMs } from '../support/a-task.ts';
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
        livemode: true,
        progress: '0%',
        submit_time: startSeconds,
        start_time: 0,
        finish_time: 0,
        callback: { state: 'none', event_id: null, attempts: 0, last_cause: null, next_attempt_at: null },
      },
    });
  });

  it.each([
    ['its position', { position: 2 }, { queue_position: 2 }],
    [
      'when it may start',
      { position: 1, startMs: startMs + 60_000 },
      { queue_position: 1, estimated_start: startSeconds + 60 },
    ],
  ])('tells a task that waits for a slot %s', async (_what, position, told) => {
    api = createTestApi({ dependencies: { queue: { position: async () => position } } });
    expect(await shown(aTask({ membership: { sinceMs: startMs } }))).toMatchObject({
      data: { status: 'NOT_START', ...told },
    });
  });

  it('is given although the queue cannot be read', async () => {
    const position = () => Promise.reject(new Error('the table is away'));
    api = createTestApi({ dependencies: { queue: { position } } });
    const answer = await shown(aTask({ membership: { sinceMs: startMs } }));
    expect(answer).toMatchObject({ data: { status: 'NOT_START' } });
    expect(answer).not.toHaveProperty('data.queue_position');
  });

  it('has the link once the video is there', async () => {
    const ended = completeVideo(
      aRunningTask({ render: { ...aRender, startedAtMs: startMs + 5_000 } }),
      resultUrl,
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
    const ended = failTask(
      aRunningTask(),
      { code: 'refused', reason: 'The prompt was refused.' },
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
    const id = await stored(aRunningTask());
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

  const failed = (delivery?: QueuedVideo['delivery']): Task => ({
    ...failTask(aTask(), { code: 'refused', reason: 'no' }, startMs),
    callback,
    ...(delivery !== undefined && { delivery }),
  });
  it.each<[string, Task, object]>([
    ['pending until something happens', aTask({ callback }), { state: 'pending', attempts: 0 }],
    [
      'retrying after an attempt that failed',
      failed({
        eventId: 'evt_1',
        type: 'video.failed',
        createdAtMs: startMs,
        state: 'pending',
        attempts: 2,
        lastCause: 'your server answered 500',
        nextAttemptAtMs: startMs + 60_000,
      }),
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
      failed({
        eventId: 'evt_1',
        type: 'video.failed',
        createdAtMs: startMs,
        state: 'delivered',
        attempts: 1,
        redeliverAtMs: startMs + 5_000,
      }),
      { state: 'delivered', next_attempt_at: startSeconds + 5 },
    ],
    ['none where the end was not asked for', failed(), { state: 'none' }],
  ])('says of the callback that it is %s', async (_state, task, expected) => {
    expect(await shown(task)).toMatchObject({ data: { callback: expected } });
  });

  it('tells a waiting client when to ask again, within what SDKs obey', async () => {
    const response = await api.get(`${videos}/${await stored(aRunningTask())}`);
    const seconds = Number(response.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(response.headers.get('openai-poll-after-ms')).toBe(String(seconds * 1_000));
  });

  it('tells a client whose task is queued to ask again when it can have started and ended', async () => {
    const waiting = aTask({ typicalSeconds: 20, membership: { sinceMs: startMs } });
    const retryAfter = async (position: { position: number; startMs?: number }) => {
      api = createTestApi({ dependencies: { queue: { position: async () => position } } });
      return (await api.get(`${videos}/${await stored(waiting)}`)).headers.get('retry-after');
    };
    expect(await retryAfter({ position: 2 })).toBe('12');
    expect(await retryAfter({ position: 2, startMs: startMs + 27_000 })).toBe(String(27 + 12));
  });

  it('tells nobody to ask again once the task has ended', async () => {
    const ended = completeVideo(aRunningTask(), resultUrl, startMs);
    const response = await api.get(`${videos}/${await stored(ended)}`);
    expect(response.headers.get('retry-after')).toBeNull();
  });

  it('says nothing of what only the gateway knows', async () => {
    const text = JSON.stringify(await shown(aRunningTask({ callback })));
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
    const ended = completeVideo(aRunningTask(), resultUrl, startMs);
    const response = await api.get(`${videos}/${await stored(ended)}/content`);
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(resultUrl);
  });

  it.each<[string, Task, number, string]>([
    ['is not there yet', aRunningTask(), 409, 'not ready yet'],
    [
      'will never be there',
      failTask(aRunningTask(), { code: 'refused', reason: 'The prompt was refused.' }, startMs),
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
