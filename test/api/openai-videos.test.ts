import { beforeEach, describe, expect, it } from 'vitest';
import { anEndedTask, aRunningTask, startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, ownKey, ownUrl, type TestApi } from '../support/api.ts';
import { aPng } from '../support/pictures.ts';

const model = 'kling/kling-v2-6';
const videoId = anEndedTask().id;

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const own = { workspaceId: 'ws_own' };
const form = (fields: readonly (readonly [string, string | File])[]) => {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
};
const sendForm = (body: FormData, headers: Record<string, string> = {}) =>
  api.request(`${ownUrl}/v1/videos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownKey}`, ...headers },
    body,
  });
const created = async (response: Response) => {
  const body = (await response.json()) as Record<string, unknown>;
  expect(body, JSON.stringify(body)).toMatchObject({ object: 'video' });
  return body;
};
const taskOf = async (body: Record<string, unknown>) => api.tasks.find(String(body['id']));

describe('a video asked for in OpenAI’s dialect', () => {
  it('is answered with all that its SDKs know of a video', async () => {
    const response = await api.post('/v1/videos', { model, prompt: 'rain', seconds: '10', size: '720x1280' });
    expect(await created(response)).toEqual({
      id: expect.stringMatching(/^task_/),
      object: 'video',
      model,
      status: 'queued',
      progress: 0,
      created_at: startMs / 1_000,
      completed_at: null,
      expires_at: null,
      prompt: 'rain',
      remixed_from_video_id: null,
      seconds: '10',
      size: '720x1280',
      error: null,
      livemode: true,
    });
  });

  it('is the same from a form, with nested fields and lists', async () => {
    const body = await created(
      await sendForm(
        form([
          ['model', 'kling-v3-omni'],
          ['prompt', 'rain'],
          ['seconds', '5'],
          ['metadata[mode]', 'std'],
          ['metadata[watermark_info][enabled]', 'true'],
          ['metadata[image_list][][image_url]', 'https://a.example/1.png'],
          ['metadata[image_list][][type]', 'first_frame'],
          ['metadata[image_list][][image_url]', 'https://a.example/2.png'],
          ['callback_url', 'https://hooks.example.com/a'],
          ['callback_events[]', 'video.failed'],
        ]),
      ),
    );
    expect(await taskOf(body)).toMatchObject({
      callback: { events: ['video.failed'] },
      request: {
        parameters: {
          mode: 'std',
          watermark_info: { enabled: true },
          image_list: [
            { image_url: 'https://a.example/1.png', type: 'first_frame' },
            { image_url: 'https://a.example/2.png' },
          ],
        },
      },
    });
  });

  it('is recognised as a repeat by its fields and bytes, not by its boundary', async () => {
    const picture = () => new File([new Uint8Array(aPng({ width: 400, height: 400 }))], 'a.png');
    const fields = (file: File) =>
      form([
        ['model', model],
        ['prompt', 'rain'],
        ['input_reference', file],
      ]);
    const key = { 'idempotency-key': 'k1' };
    const first = await created(await sendForm(fields(picture()), key));
    const again = await sendForm(fields(picture()), key);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await created(again))['id']).toBe(first['id']);
    const other = new File([new Uint8Array(aPng({ width: 500, height: 400 }))], 'a.png');
    expect(await errorOf(await sendForm(fields(other), key))).toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it.each([
    ['no model', [['prompt', 'rain']], 'model', /kling\/kling-/],
    [
      'a length that the model cannot make',
      [
        ['model', model],
        ['prompt', 'a'],
        ['seconds', '8'],
      ],
      'seconds',
      /5 or 10/,
    ],
    [
      'another size',
      [
        ['model', model],
        ['prompt', 'a'],
        ['size', '640x480'],
      ],
      'size',
      /1280x720/,
    ],
    [
      'a size against metadata',
      [
        ['model', model],
        ['prompt', 'a'],
        ['size', '1280x720'],
        ['metadata[mode]', 'pro'],
      ],
      'size',
      /different/,
    ],
    [
      'a file id',
      [
        ['model', model],
        ['prompt', 'a'],
        ['input_reference[file_id]', 'file_1'],
      ],
      'input_reference.file_id',
      /URL/,
    ],
    [
      'a field twice',
      [
        ['model', model],
        ['prompt', 'a'],
        ['prompt', 'b'],
      ],
      'prompt',
      /more than once/,
    ],
    [
      'a file elsewhere',
      [
        ['model', model],
        ['prompt', new File(['x'], 'a.txt')],
      ],
      'prompt',
      /cannot be a file/,
    ],
    [
      'an empty file',
      [
        ['model', model],
        ['prompt', 'a'],
        ['input_reference', new File([], 'a.png')],
      ],
      'input_reference',
      /empty/,
    ],
    [
      'a file that is no picture',
      [
        ['model', model],
        ['prompt', 'a'],
        ['input_reference', new File(['%PDF-1.7 and more'], 'a.png')],
      ],
      'input_reference',
      /./,
    ],
    [
      'two files',
      [
        ['model', model],
        ['prompt', 'a'],
        ['image', new File(['x'], 'a')],
        ['input_reference', new File(['y'], 'b')],
      ],
      'input_reference',
      /second file/,
    ],
    [
      'a name of an object’s own',
      [
        ['model', model],
        ['prompt', 'a'],
        ['metadata[__proto__][x]', 'y'],
      ],
      'metadata[__proto__][x]',
      /not allowed/,
    ],
  ] as const)('is refused with %s, before anything is stored', async (_what, fields, param, message) => {
    const response = await sendForm(form(fields));
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ param });
    expect(error.message).toMatch(message);
    expect(api.created).toEqual([]);
  });

  it.each(['multipart/form-data', 'multipart/form-data; boundary=x'])(
    'is a 400 as a broken form, %s',
    async (type) => {
      const response = await api.post('/v1/videos', '--y\r\nbroken', { 'content-type': type });
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ code: 'bad_request_body' });
    },
  );

  it('is a 413 with more than 5 MB', async () => {
    const file = new File([new Uint8Array(5 * 2 ** 20)], 'a.png');
    const response = await sendForm(
      form([
        ['model', model],
        ['prompt', 'a'],
        ['input_reference', file],
      ]),
    );
    expect(response.status).toBe(413);
  });
});

describe('a video in OpenAI’s dialect', () => {
  it('has one of four status words, and sets the helpers’ pace while it goes on', async () => {
    await api.tasks.create(aRunningTask(own));
    const response = await api.get(`/v1/videos/${videoId}`);
    expect(await created(response)).toMatchObject({
      status: 'queued',
      prompt: null,
      seconds: '5',
      size: '1280x720',
    });
    expect(Number(response.headers.get('openai-poll-after-ms'))).toBeGreaterThan(0);
  });

  it('tells of its end', async () => {
    await api.tasks.create(anEndedTask(own));
    expect(await created(await api.get(`/v1/videos/${videoId}`))).toMatchObject({
      status: 'completed',
      progress: 100,
      completed_at: startMs / 1_000 + 80,
      expires_at: anEndedTask().expiresAtSeconds,
      error: null,
      livemode: true,
      usage: { seconds: 5, cost_usd: null, livemode: true },
    });
  });

  it('tells why it failed', async () => {
    const result = { status: 'FAILURE', code: 'refused', reason: 'No such place.' } as const;
    await api.tasks.create(anEndedTask({ ...own, result }));
    expect(await created(await api.get(`/v1/videos/${videoId}`))).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: 'No such place.' },
    });
    const content = await api.get(`/v1/videos/${videoId}/content`);
    expect([content.status, content.headers.get('x-should-retry')]).toEqual([404, 'false']);
  });

  it.each(['thumbnail', 'spritesheet'])('has no %s', async (variant) => {
    await api.tasks.create(anEndedTask(own));
    const response = await api.get(`/v1/videos/${videoId}/content?variant=${variant}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param: 'variant' });
  });

  it.each([
    ['POST', `videos/${videoId}/remix`],
    ['POST', 'videos/edits'],
    ['POST', 'videos/extensions'],
    ['POST', 'videos/characters'],
    ['GET', 'videos/characters/char_1'],
    ['POST', 'images/edits'],
    ['POST', 'images/variations'],
  ])('is not made by %s %s, which says so', async (method, path) => {
    const response = await api.request(`${ownUrl}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${ownKey}` },
    });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'api_not_implemented' });
  });

  it('is called off in the other dialect, to which its own cancel leads', async () => {
    const response = await api.post(`/v1/videos/${videoId}/cancel`, {});
    expect(response.status).toBe(404);
    expect((await errorOf(response)).message).toContain('POST /v1/video/generations/{task_id}/cancel');
  });
});
