import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../lib/providers/http/client.ts';
import { createKlingProvider, type KlingOptions } from '../../../lib/providers/kling/kling-provider.ts';
import type { VideoRequest } from '../../../lib/providers/provider.ts';
import { type AnsweringServer, startAnsweringServer } from '../../support/answering-server.ts';
import { sendCreate } from '../../support/send-create.ts';

const apiKey = 'api-key-kling-0123456789';
const webhookUrl = 'https://gateway.example/hooks/kling/task_1/s3cret-token';
const start = { taskId: 'task_1', webhookUrl };
const operation = { action: 'textGenerate', id: '867283741759111202' } as const;
const createdAtMs = 1_774_805_076_166;
const pictureBytes = Buffer.from('a picture');

type Fixture = { source: string; status: number; body: { code?: number; message?: string } };
const fixture = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`../../fixtures/kling/${name}.json`, import.meta.url), 'utf8'));

const aRequest = (changes: Partial<VideoRequest> = {}): VideoRequest => ({
  action: 'textGenerate',
  upstreamModel: 'kling-v3',
  parameters: { prompt: 'a red kite', mode: 'std', duration: '5' },
  ...changes,
});

let server: AnsweringServer;
// One for each test: a request that a test gave up may arrive late.
beforeEach(async () => {
  server = await startAnsweringServer();
});
afterEach(() => server.close());

const aProvider = (changes: Partial<KlingOptions> = {}) =>
  createKlingProvider({
    baseUrl: server.url,
    credentials: { apiKey },
    http: createHttpClient(fetch),
    now: Date.now,
    readPicture: async () => pictureBytes,
    ...changes,
  });

const answerWith = (...names: [string, ...string[]]) =>
  server.answer(...(names.map(fixture) as [Fixture, ...Fixture[]]));
const bodyOf = (position = 0) => server.requests[position]?.body ?? '';

describe('a create', () => {
  it.each(['create-accepted', 'create-accepted-without-external-id'])(
    'is accepted under the id that Kling gives (%s)',
    async (name) => {
      answerWith(name);
      expect(await sendCreate(aProvider(), aRequest(), start)).toEqual({
        status: 'accepted',
        operation,
        createdAtMs,
      });
    },
  );

  it.each([
    ['textGenerate', '/v1/videos/text2video'],
    ['generate', '/v1/videos/image2video'],
    ['omniVideo', '/v1/videos/omni-video'],
  ] as const)('of %s goes to %s', async (action, path) => {
    answerWith('create-accepted');
    await sendCreate(aProvider(), aRequest({ action }), start);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    });
  });

  it('names the model and our task, whatever else is in the request', async () => {
    answerWith('create-accepted');
    const parameters = { prompt: 'x', model_name: 'other', external_task_id: 'other', callback_url: 'other' };
    await sendCreate(aProvider(), aRequest({ parameters }), start);
    expect(JSON.parse(bodyOf())).toEqual({
      prompt: 'x',
      model_name: 'kling-v3',
      external_task_id: 'task_1',
      callback_url: webhookUrl,
    });
  });

  it('asks for no webhook where Kling cannot reach us', async () => {
    answerWith('create-accepted');
    await sendCreate(aProvider(), aRequest(), { taskId: 'task_1' });
    expect(JSON.parse(bodyOf())).not.toHaveProperty('callback_url');
  });

  it('writes element ids as integers, exact beyond what a number holds', async () => {
    answerWith('create-accepted');
    const parameters = { element_list: [{ element_id: '867283741759111202' }, { element_id: '160' }] };
    await sendCreate(aProvider(), aRequest({ parameters }), start);
    expect(bodyOf()).toContain('"element_list":[{"element_id":867283741759111202},{"element_id":160}]');
  });

  it('puts stored pictures in as bare base64', async () => {
    answerWith('create-accepted');
    const parameters = {
      prompt: 'asset:1 is no picture here',
      image: 'asset:task_1/a',
      image_tail: 'https://pictures.example/b.png',
      image_list: [{ image_url: 'asset:task_1/a', type: 'first_frame' }],
    };
    await sendCreate(aProvider(), aRequest({ parameters }), start);
    const base64 = pictureBytes.toString('base64');
    expect(JSON.parse(bodyOf())).toMatchObject({
      prompt: 'asset:1 is no picture here',
      image: base64,
      image_tail: 'https://pictures.example/b.png',
      image_list: [{ image_url: base64, type: 'first_frame' }],
    });
  });

  it.each([
    ['error-1000', 'operator-fault'],
    ['error-1001', 'operator-fault'],
    ['error-1002', 'operator-fault'],
    ['error-1002-key-not-found', 'operator-fault'],
    ['error-1003', 'operator-fault'],
    ['error-1004', 'operator-fault'],
    ['error-1100', 'operator-fault'],
    ['error-1101', 'operator-fault'],
    ['error-1102', 'operator-fault'],
    ['error-1103', 'operator-fault'],
    ['error-1202', 'operator-fault'],
    ['error-1304', 'operator-fault'],
    ['error-5000', 'unclear'],
    ['error-5002', 'unclear'],
  ])('answered with %s is %s', async (name, status) => {
    answerWith(name);
    const outcome = await sendCreate(aProvider(), aRequest(), start);
    const { code, message = '?' } = fixture(name).body;
    expect(outcome).toEqual({ status, detail: `Kling answered ${code}`, code: String(code) });
    expect(JSON.stringify(outcome)).not.toContain(message);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['error-1302', 'rate'],
    ['error-1303', 'full'],
    ['error-5001', 'unavailable'],
  ])('answered with %s is busy, and the reason is %s', async (name, reason) => {
    answerWith(name);
    const { code } = fixture(name).body;
    expect(await sendCreate(aProvider(), aRequest(), start)).toMatchObject({
      status: 'busy',
      reason,
      code: String(code),
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['error-1200', /refused the request \(Invalid request parameters\)/],
    ['error-1201-invalid-value', /model_name value 'kling-v3-0' is invalid/],
    ['error-1201-camera-control', /camera_control is only supported in std mode/],
    ['error-1203', /Check the ids and the model/],
    ['error-1300', /content policy.*Change the prompt or the pictures/],
    ['error-1301', /content policy.*Change the prompt or the pictures/],
  ])('answered with %s is refused in words for the caller', async (name, reason) => {
    answerWith(name);
    expect(await sendCreate(aProvider(), aRequest(), start)).toEqual({
      status: 'refused',
      reason: expect.stringMatching(reason),
      code: String(fixture(name).body.code),
    });
  });

  it.each([
    [429, 'busy'],
    [401, 'operator-fault'],
    [403, 'operator-fault'],
    [404, 'operator-fault'],
    [301, 'operator-fault'],
    [413, 'refused'],
    [400, 'refused'],
    [408, 'unclear'],
    [500, 'unclear'],
    [502, 'unclear'],
    [200, 'unclear'],
  ])('answered with HTTP %d and no code of Kling is %s', async (status, expected) => {
    for (const text of ['', '<html>', 'null', '{"code":"x"}', '{"code":9999,"message":"?"}']) {
      server.answer({ status, text });
      expect(await sendCreate(aProvider(), aRequest(), start)).toMatchObject({ status: expected });
    }
  });

  it.each([
    [413, /smaller pictures/],
    [400, /gave no reason \(HTTP 400\).*tell the gateway's operator/],
    [422, /gave no reason/],
  ])('answered with a page and HTTP %d is not told as a mistake in the request', async (status, reason) => {
    server.answer({ status, text: '<html>' });
    const outcome = await sendCreate(aProvider(), aRequest(), start);
    expect(outcome).toEqual({ status: 'refused', reason: expect.stringMatching(reason) });
    expect(JSON.stringify(outcome)).not.toContain('Correct it');
  });

  it.each([
    ['without a task id', { status: 200, body: { code: 0, message: 'SUCCEED', data: {} } }],
    ['without data', { status: 200, body: { code: 0, message: 'SUCCEED' } }],
    ['with a megabyte and more', { status: 200, text: `{"code":0,"x":"${'x'.repeat(1_100_000)}"}` }],
    ['with half a body', { status: 200, text: '{"code":0,"data":{"task_id":"86' }],
    ['by a broken connection', 'reset' as const],
  ])('answered %s is unclear', async (_case, answer) => {
    server.answer(answer);
    expect(await sendCreate(aProvider(), aRequest(), start)).toMatchObject({ status: 'unclear' });
  });

  it('without an answer in time is unclear', async () => {
    server.answer('no response');
    expect(
      await sendCreate(aProvider({ deadlinesMs: { create: 50, query: 50 } }), aRequest(), start),
    ).toEqual({
      status: 'unclear',
      detail: 'no answer from Kling: it took too long',
    });
  });

  it('that no connection took is busy, because nothing was sent', async () => {
    const closed = await startAnsweringServer();
    await closed.close();
    expect(await sendCreate(aProvider({ baseUrl: closed.url }), aRequest(), start)).toEqual({
      status: 'busy',
      reason: 'unavailable',
      detail: 'no answer from Kling: ECONNREFUSED',
    });
  });

  it('keeps the digits of a task id that comes as a number', async () => {
    server.answer({ status: 200, text: '{"code":0,"data":{"task_id":867283741759111202}}' });
    expect(await sendCreate(aProvider(), aRequest(), start)).toMatchObject({ status: 'accepted', operation });
  });

  it('tells neither the credentials nor the webhook address', async () => {
    const words = `no ${apiKey} and no ${webhookUrl} here `.repeat(20);
    for (const code of [1002, 1201]) {
      server.answer({ status: 400, body: { code, message: words } });
      const outcome = JSON.stringify(await sendCreate(aProvider(), aRequest(), start));
      expect(outcome).not.toMatch(/api-key-kling|s3cret/);
      expect(outcome.length).toBeLessThan(500);
    }
  });
});

describe('a create whose task exists already', () => {
  it('adopts it with what Kling says of it', async () => {
    answerWith('error-1201-already-exists', 'query-processing');
    expect(await sendCreate(aProvider(), aRequest(), start)).toEqual({
      status: 'accepted',
      operation,
      createdAtMs,
      state: { status: 'running' },
    });
    expect(server.requests[1]).toMatchObject({ method: 'GET', path: '/v1/videos/text2video/task_1' });
  });

  it.each(['error-1201-not-found', 'error-5000', 'list-empty'])(
    'is unclear when it is then not found (%s)',
    async (name) => {
      answerWith('error-1201-already-exists', name);
      expect(await sendCreate(aProvider(), aRequest(), start)).toMatchObject({ status: 'unclear' });
    },
  );
});

describe('looking a task up', () => {
  it.each([
    ['query-submitted', { status: 'queued' }],
    ['query-processing', { status: 'running' }],
    ['query-succeed', { status: 'succeeded', resultUrl: expect.any(String), units: '2.5' }],
    ['query-failed', { status: 'failed', reason: expect.any(String) }],
    ['query-succeed-in-a-list', { status: 'succeeded', resultUrl: expect.any(String), units: '2.5' }],
  ])('finds it in %s, with its age and how it is doing', async (name, state) => {
    answerWith(name);
    expect(await aProvider().find('textGenerate', 'task_1')).toEqual({
      status: 'found',
      operation,
      createdAtMs,
      state,
    });
  });

  it.each([
    [{ task_status: 'paused', created_at: 'yesterday' }],
    [{ task_status: 'succeed', task_result: {}, created_at: -1 }],
  ])('finds it although what Kling says of it is %j', async (said) => {
    server.answer({ status: 200, body: { code: 0, data: { task_id: operation.id, ...said } } });
    expect(await aProvider().find('textGenerate', 'task_1')).toEqual({
      status: 'found',
      operation,
      state: { status: 'unanswered', detail: expect.any(String) },
    });
  });

  it('says so when Kling has no such task', async () => {
    answerWith('error-1201-not-found');
    expect(await aProvider().find('omniVideo', 'task_1')).toEqual({ status: 'not-found' });
    expect(server.requests[0]).toMatchObject({ path: '/v1/videos/omni-video/task_1' });
  });

  it.each(['list-empty', 'error-1201-invalid-value', 'error-1203', 'error-1302', 'error-5000', 'error-5001'])(
    'takes %s for no answer',
    async (name) => {
      answerWith(name);
      expect(await aProvider().find('textGenerate', 'task_1')).toMatchObject({ status: 'unanswered' });
    },
  );

  it('takes a task of another id for no answer', async () => {
    answerWith('query-processing');
    expect(await aProvider().find('textGenerate', 'task_2')).toMatchObject({ status: 'unanswered' });
  });

  it('takes HTTP 404 without a code, and a refusal of our account, for the operator’s fault', async () => {
    server.answer({ status: 404, text: 'not found' });
    expect(await aProvider().find('textGenerate', 'task_1')).toMatchObject({ status: 'operator-fault' });
    answerWith('error-1002');
    expect(await aProvider().find('textGenerate', 'task_1')).toMatchObject({
      status: 'operator-fault',
      code: '1002',
    });
  });
});

describe('a poll', () => {
  it.each([
    ['query-submitted', { status: 'queued' }],
    ['query-processing', { status: 'running' }],
    [
      'query-succeed',
      {
        status: 'succeeded',
        resultUrl: 'https://v1-kling.example/output/867283741759111202.mp4?x-kcdn-pid=1',
        units: '2.5',
      },
    ],
    ['query-succeed-in-a-list', { status: 'succeeded', resultUrl: expect.any(String), units: '2.5' }],
    ['query-failed', { status: 'failed', reason: expect.stringMatching(/risk control.*change the prompt/) }],
    ['query-failed-picture', { status: 'failed', reason: expect.stringMatching(/pixel.*300 pixels/) }],
    ['error-1201-not-found', { status: 'not-found' }],
    ['error-1004', { status: 'operator-fault', detail: expect.any(String), code: '1004' }],
    ['error-1102', { status: 'operator-fault', detail: expect.any(String), code: '1102' }],
    ['error-1303', { status: 'unanswered', detail: expect.any(String), code: '1303' }],
    ['error-5000', { status: 'unanswered', detail: expect.any(String), code: '5000' }],
    ['list-empty', { status: 'unanswered', detail: expect.any(String) }],
  ])('answered with %s tells how the render is doing', async (name, outcome) => {
    answerWith(name);
    expect(await aProvider().poll(operation)).toEqual(outcome);
    expect(server.requests[0]).toMatchObject({ path: `/v1/videos/text2video/${operation.id}` });
  });

  it.each([
    ['a success without a link', { task_id: operation.id, task_status: 'succeed', task_result: {} }],
    [
      'a success without videos',
      { task_id: operation.id, task_status: 'succeed', task_result: { videos: [] } },
    ],
    [
      'a success with an empty link',
      { task_id: operation.id, task_status: 'succeed', task_result: { videos: [{ url: '' }] } },
    ],
    ['an unknown status', { task_id: operation.id, task_status: 'paused' }],
    ['nothing', null],
  ])('waits on after %s', async (_case, data) => {
    server.answer({ status: 200, body: { code: 0, data } });
    expect(await aProvider().poll(operation)).toMatchObject({ status: 'unanswered' });
  });

  const succeeding = (url: unknown) => ({
    status: 200,
    body: {
      code: 0,
      data: { task_id: operation.id, task_status: 'succeed', task_result: { videos: [{ url }] } },
    },
  });

  it.each([
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.7/video.mp4',
    'https://[fd00::1]/video.mp4',
    'https://localhost/video.mp4',
    'https://kling.internal/video.mp4',
    'https://user:word@cdn.example/video.mp4',
    'http://cdn.example/video.mp4',
    'ftp://cdn.example/video.mp4',
    'javascript:alert(1)',
    'video.mp4',
  ])('finds a link to %s unusable, and says so', async (url) => {
    server.answer(succeeding(url));
    const http = createHttpClient((_url, init) => fetch(server.url, init));
    const provider = aProvider({ baseUrl: 'https://kling.example', http });
    expect(await provider.poll(operation)).toEqual({
      status: 'failed',
      reason: expect.stringMatching(/answer was unusable.*may have been charged/),
      wasMade: true,
    });
  });

  it.each([
    ['https://api.kling.example', 'https://cdn.example/video.mp4?x=1'],
    ['http://127.0.0.1:9000', 'http://127.0.0.1:9001/video.mp4'],
    ['http://kling.example', 'http://cdn.example/video.mp4'],
  ])('of a Kling at %s takes a link to %s', async (baseUrl, url) => {
    server.answer(succeeding(url));
    const http = createHttpClient((_url, init) => fetch(server.url, init));
    expect(await aProvider({ baseUrl, http }).poll(operation)).toEqual({
      status: 'succeeded',
      resultUrl: url,
    });
  });

  it('gives a failure without a reason words of its own', async () => {
    server.answer({ status: 200, body: { code: 0, data: { task_id: operation.id, task_status: 'failed' } } });
    expect(await aProvider().poll(operation)).toEqual({
      status: 'failed',
      reason: 'Kling could not make the video and gave no reason. Submit it again.',
    });
  });

  it.each(['reset', 'no response'] as const)('takes %s for no answer', async (answer) => {
    server.answer(answer);
    expect(await aProvider({ deadlinesMs: { create: 50, query: 50 } }).poll(operation)).toMatchObject({
      status: 'unanswered',
    });
  });
});

describe('a token that Kling refuses', () => {
  const credentials = { accessKey: 'access-key', secretKey: 'secret-key' };

  it.each(['error-1003', 'error-1004'])(
    'is signed anew and the request repeated at once (%s)',
    async (name) => {
      answerWith(name, 'create-accepted');
      expect(await sendCreate(aProvider({ credentials }), aRequest(), start)).toMatchObject({
        status: 'accepted',
        operation,
      });
      expect(server.requests).toHaveLength(2);
      expect(bodyOf(1)).toBe(bodyOf(0));
    },
  );

  it('is a matter for the operator when it is refused again', async () => {
    answerWith('error-1003');
    expect(await sendCreate(aProvider({ credentials }), aRequest(), start)).toMatchObject({
      status: 'operator-fault',
    });
    expect(server.requests).toHaveLength(2);
  });
});
