import { beforeEach, describe, expect, it } from 'vitest';
import { completeVideo, failTask } from '../../lib/tasks/settlement.ts';
import type { Task } from '../../lib/tasks/task.ts';
import {
  anUnconfirmedTask,
  aRender,
  aRunningTask,
  aSubmittingTask,
  aTask,
  startMs,
} from '../support/a-task.ts';
import { createTestApi, errorOf, type TestApi } from '../support/api.ts';
import { createMemoryTaskStore } from '../support/memory-task-store.ts';

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
      { queue: 'deliver', message: { taskId: aTask().id, eventId: answer.data.callback.event_id } },
    ]);
    expect(await api.tasks.find(aTask().id)).not.toHaveProperty('request');
  });

  it('wakes no delivery of an event that was not asked for', async () => {
    expect((await cancel(aTask())).status).toBe(200);
    expect(api.sent).toEqual([]);
  });

  it('gives back what the task held in the queue, so that the next one is woken', async () => {
    const { id, model } = aTask();
    await cancel(aTask({ membership: { sinceMs: startMs } }));
    expect(api.released).toMatchObject([{ taskId: id, workspaceId: 'ws_own', model }]);
  });

  it.each<[string, Task, string]>([
    ['being handed over', aSubmittingTask(), 'cannot stop a render'],
    ['perhaps handed over', anUnconfirmedTask(), 'cannot stop a render'],
    [
      'possibly handed over by a worker that died',
      aSubmittingTask({ leaseUntilMs: startMs - 1, sentAtMs: startMs - 60_000 }),
      'cannot stop a render',
    ],
    ['with Kling', aRunningTask(), 'cannot stop a render'],
    ['rendering', aRunningTask({ render: { ...aRender, startedAtMs: startMs } }), 'cannot stop a render'],
    ['made', completeVideo(aRunningTask(), resultUrl, startMs), 'already ended'],
    ['failed', failTask(aTask(), { code: 'refused', reason: 'no' }, startMs), 'already ended'],
  ])('is refused for a task that is %s', async (_state, task, words) => {
    const response = await cancel(task);
    expect(response.status).toBe(409);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'task_not_cancellable', param: 'task_id' });
    expect(error.message).toContain(words);
    expect(await api.tasks.find(task.id)).toMatchObject({ version: 1, state: task.state });
  });

  it.each([
    [{ reason: 'too dear' }, 'reason is no field here; there are none.'],
    [[], 'must be a JSON object'],
  ])('calls nothing off for the body %j', async (body, words) => {
    const id = await stored(aTask());
    const response = await api.post(`${videos}/${id}/cancel`, body);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain(words);
    expect(await api.tasks.find(id)).toMatchObject({ state: 'queued' });
  });

  it('takes an empty object', async () => {
    const id = await stored(aTask());
    expect((await api.post(`${videos}/${id}/cancel`, {})).status).toBe(200);
  });

  it('is possible once', async () => {
    const id = await stored(aTask());
    const answers = await Promise.all([1, 2].map(() => api.post(`${videos}/${id}/cancel`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

const failed = (task: Task) => failTask(task, { code: 'expired', reason: 'late' }, startMs);

it.each([
  ['cancel', aTask()],
  ['deliveries', failed(aTask({ callback: { ...callback, events: ['video.failed'] } }))],
])('%s answers 404 for a task that is deleted at the same moment', async (action, task) => {
  const tasks = createMemoryTaskStore(() => startMs);
  const deletedBeforeChange: typeof tasks.change = async (id, decide, seen) => {
    await tasks.change(id, failed);
    await tasks.remove(id);
    return tasks.change(id, decide, seen);
  };
  api = createTestApi({ dependencies: { tasks: { ...tasks, change: deletedBeforeChange } } });
  await tasks.create({ ...task, workspaceId: 'ws_own' });
  const response = await api.post(`${videos}/${task.id}/${action}`);
  expect(response.status).toBe(404);
  expect(await errorOf(response)).toMatchObject({ code: 'task_not_found', param: 'task_id' });
  expect(api.sent).toEqual([]);
});
