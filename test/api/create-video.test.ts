import { beforeEach, describe, expect, it } from 'vitest';
import { startMs } from '../support/a-task.ts';
import { createTestApi, type TestApi } from '../support/api.ts';
import { aJpeg, aPng } from '../support/pictures.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { requestOf } from '../support/stored.ts';

const pictureUrl = 'https://pictures.example.com/first.png';
const tinyRequest = { model: 'kling/kling-v3', prompt: 'rain on a tin roof' };

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const submitted = async (body: object, headers?: Record<string, string>) => {
  const response = await api.submit(body, headers);
  const answer = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(answer)).toBe(200);
  const task = await api.tasks.find(answer.id);
  return { response, answer, task };
};

describe('an accepted video task', () => {
  it('is answered with the fields and types of VideoSubmitResponse, and nothing was ignored', async () => {
    const { response, answer } = await submitted(tinyRequest);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer).toStrictEqual({
      id: expect.stringMatching(/^task_[0-9A-Za-z]{32}$/),
      task_id: answer.id,
      object: 'video',
      model: 'kling/kling-v3',
      status: 'queued',
      progress: 0,
      created_at: startMs / 1000,
      livemode: true,
      warnings: [],
    });
  });

  it('is stored before the answer, and its submission is woken', async () => {
    const { answer, task } = await submitted(tinyRequest);
    expect(task).toMatchObject({
      id: answer.id,
      workspaceId: 'ws_own',
      state: 'queued',
      createdAtMs: startMs,
      deadlineAtMs: startMs + 7_200_000,
    });
    expect(api.sent).toEqual([{ queue: 'submit', message: { taskId: answer.id } }]);
  });

  it('is accepted although its wake-up cannot be sent, and left to the sweep', async () => {
    api = createTestApi({
      dependencies: {
        wakeUps: {
          ...createRecordedWakeUps().wakeUps,
          sendSubmit: () => Promise.reject(new Error('the queue is away')),
        },
      },
    });
    const { answer } = await submitted(tinyRequest);
    expect(await api.tasks.listDue(0, startMs, 10)).toMatchObject({ taskIds: [answer.id] });
  });

  it.each([
    ['kling/kling-v2-master', 'kling/kling-v2-5-turbo', 'kling-v2-5-turbo'],
    ['kling/kling-v2-1-master', 'kling/kling-v2-5-turbo', 'kling-v2-5-turbo'],
    ['kling/kling-v2-5-turbo', null, 'kling-v2-5-turbo'],
    ['kling/kling-v2-6', null, 'kling-v2-6'],
    ['kling/kling-v3', null, 'kling-v3'],
    ['kling/kling-video-o1', null, 'kling-video-o1'],
    ['kling/kling-v3-omni', null, 'kling-v3-omni'],
  ])('may ask for %s, and is told of %s', async (model, resolvedModel, upstreamModel) => {
    const { response, answer, task } = await submitted({ ...tinyRequest, model });
    expect(answer).toMatchObject({ model });
    expect(response.headers.get('x-clear-resolved-model')).toBe(resolvedModel);
    expect(requestOf(task)?.upstreamModel).toBe(upstreamModel);
    const poll = await api.get(`/v1/video/generations/${answer.id}`);
    expect(poll.headers.get('x-clear-resolved-model')).toBe(resolvedModel);
  });

  it.each([
    ['a prompt alone', 'kling/kling-v3', {}, 'textGenerate'],
    ['a picture', 'kling/kling-v3', { image: pictureUrl }, 'generate'],
    ['an omni model', 'kling/kling-v3-omni', {}, 'omniVideo'],
    ['an omni model with a picture', 'kling/kling-video-o1', { image: pictureUrl }, 'omniVideo'],
  ])('with %s takes its endpoint', async (_what, model, fields, action) => {
    const { task } = await submitted({ ...tinyRequest, model, ...fields });
    expect(task).toMatchObject({ action, request: { action } });
  });

  it('passes what its model takes on in the types of Kling, and names what it left out', async () => {
    const { response, task } = await submitted({
      ...tinyRequest,
      metadata: {
        duration: 10,
        cfg_scale: '0.5',
        mode: '4k',
        external_task_id: 'order-7',
        seed: 3,
        'größe, 1': true,
        model_name: 'kling-v9',
      },
    });
    expect(requestOf(task)?.parameters).toEqual({
      prompt: tinyRequest.prompt,
      mode: '4k',
      duration: '10',
      cfg_scale: 0.5,
    });
    expect(task).toMatchObject({ callerReference: 'order-7' });
    expect(response.headers.get('x-clear-ignored-metadata')).toBe('seed, gr??e??1, model_name');
  });

  it('passes an unknown key on where the operator allows it, and nothing that names model or task', async () => {
    api = createTestApi({ settings: { extraFields: { kling: ['seed', 'model_name', 'external_task_id'] } } });
    const { response, task } = await submitted({
      ...tinyRequest,
      metadata: { seed: 3, model_name: 'kling-v9', external_task_id: 'order-7' },
    });
    expect(requestOf(task)?.parameters).toEqual({
      prompt: tinyRequest.prompt,
      mode: 'std',
      duration: '5',
      seed: 3,
    });
    expect(response.headers.get('x-clear-ignored-metadata')).toBe('model_name');
  });

  it('takes fields that are null for absent', async () => {
    const { task } = await submitted({
      ...tinyRequest,
      image: null,
      metadata: null,
      callback_url: null,
      callback_events: null,
      expires_after: null,
      seconds: null,
      external_task_id: null,
    });
    expect(task).toMatchObject({ action: 'textGenerate', deadlineAtMs: startMs + 7_200_000 });
    expect(task).not.toHaveProperty('callback');
    expect(task).not.toHaveProperty('callerReference');
  });

  it('ends at the latest when the caller wants', async () => {
    const { task } = await submitted({ ...tinyRequest, expires_after: 60 });
    expect(task?.deadlineAtMs).toBe(startMs + 60_000);
  });
});

describe('a callback', () => {
  const url = 'https://hooks.example.com/videos';

  it.each([
    ['in the body', { callback_url: url }],
    ['in metadata', { metadata: { callback_url: url } }],
    ['in both, the same', { callback_url: url, metadata: { callback_url: url } }],
  ])('is taken %s and never sent to Kling', async (_where, fields) => {
    const { task } = await submitted({ ...tinyRequest, ...fields });
    expect(task?.callback).toEqual({ url, events: ['video.completed', 'video.failed'] });
    expect(JSON.stringify(requestOf(task))).not.toContain('hooks.example.com');
  });

  it('goes to the URL of the workspace where the request has none', async () => {
    api = createTestApi({ workspace: { callbackUrl: url } });
    const { task } = await submitted({ ...tinyRequest, callback_events: ['video.in_progress'] });
    expect(task?.callback).toEqual({ url, events: ['video.in_progress'] });
  });

  it('is sent of each event once, however often it was named', async () => {
    const events = ['video.completed', 'video.completed', 'video.in_progress'];
    const { task } = await submitted({ ...tinyRequest, callback_url: url, callback_events: events });
    expect(task?.callback?.events).toEqual(['video.completed', 'video.in_progress']);
  });
});

describe('a picture', () => {
  const png = aPng();

  it('is passed on as the URL that it came as', async () => {
    const { task } = await submitted({ ...tinyRequest, image: pictureUrl });
    expect(requestOf(task)?.parameters['image']).toBe(pictureUrl);
    expect(api.pictures.size).toBe(0);
  });

  it.each([
    ['a data URL', `data:image/png;base64,${png.toString('base64')}`],
    ['bare base64', png.toString('base64')],
    ['base64 in lines', png.toString('base64').replace(/(.{40})/g, '$1\n')],
  ])('that came as %s is stored, and the task holds only its id', async (_form, image) => {
    const { task } = await submitted({ ...tinyRequest, image });
    expect([...api.pictures.values()].map((bytes) => Buffer.from(bytes))).toEqual([png]);
    const [assetId] = api.pictures.keys();
    expect(requestOf(task)?.parameters['image']).toBe(`asset:${assetId}`);
  });

  it('keeps its place among several', async () => {
    const { task } = await submitted({
      ...tinyRequest,
      model: 'kling/kling-v3-omni',
      metadata: {
        image_list: [
          { image_url: aJpeg().toString('base64'), type: 'first_frame' },
          { image_url: pictureUrl },
          { image_url: png.toString('base64') },
        ],
      },
    });
    const [jpegId, pngId] = api.pictures.keys();
    expect(requestOf(task)?.parameters['image_list']).toEqual([
      { image_url: `asset:${jpegId}`, type: 'first_frame' },
      { image_url: pictureUrl },
      { image_url: `asset:${pngId}` },
    ]);
  });
});
