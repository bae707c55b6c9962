import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../lib/observability/log.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { createKlingProvider } from '../../lib/providers/kling/kling-provider.ts';
import type { ProviderOperation, StartOutcome, VideoRequest } from '../../lib/providers/provider.ts';
import { listenOnLoopback, stopListening } from '../../local/cloud/loopback.ts';
import { type FakeKling, type FakeKlingOptions, startFakeKling } from '../../local/fakes/kling.ts';
import type { CreateFault } from '../../local/fakes/kling-behaviour.ts';
import { aFolder } from '../support/a-folder.ts';
import { startReceiver } from '../support/receiver.ts';
import { sendCreate } from '../support/send-create.ts';

const apiKey = 'api-key-fake-kling';
const pair = { accessKey: 'access-key', secretKey: 'secret-key' };
const webhookSecret = 'whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=';

/** The fake's own clock: renders end when a test says so. */
let nowMs = Date.now();
const passSeconds = (seconds: number) => {
  nowMs += seconds * 1_000;
};
beforeEach(() => {
  nowMs = Date.now();
});

const aFake = async (changes: Partial<FakeKlingOptions> = {}): Promise<FakeKling> => {
  const fake = await startFakeKling({ apiKey, ...pair, seconds: 10, now: () => nowMs, ...changes });
  onTestFinished(() => fake.close());
  return fake;
};

const providerFor = (fake: FakeKling) =>
  createKlingProvider({
    baseUrl: fake.url,
    credentials: { apiKey },
    http: createHttpClient(fetch),
    now: Date.now,
    readPicture: async () => Buffer.alloc(0),
  });

const aRequest = (changes: Partial<VideoRequest> = {}): VideoRequest => ({
  action: 'textGenerate',
  upstreamModel: 'kling-v3',
  parameters: { prompt: 'a red kite', mode: 'std', duration: '5' },
  ...changes,
});
const prompting = (prompt: string) => aRequest({ parameters: { prompt, mode: 'std', duration: '5' } });

const operationOf = (outcome: StartOutcome): ProviderOperation => {
  if (outcome.status !== 'accepted') throw new Error(JSON.stringify(outcome));
  return outcome.operation;
};

type Answer = { code: number; message: string; data?: Record<string, unknown> };
const ask = async (
  fake: FakeKling,
  path: string,
  {
    body,
    method,
    authorization = `Bearer ${apiKey}`,
  }: { body?: object; method?: string; authorization?: string } = {},
): Promise<{ status: number; answer: Answer }> => {
  const response = await fetch(`${fake.url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', authorization },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, answer: (await response.json()) as Answer };
};
const aBody = (changes: object = {}) => ({
  model_name: 'kling-v3',
  prompt: 'a red kite',
  duration: '5',
  external_task_id: 'task_1',
  ...changes,
});

describe('a render', () => {
  it('is queued, then made, then a playable MP4', async () => {
    const fake = await aFake();
    const provider = providerFor(fake);
    const operation = operationOf(await sendCreate(provider, aRequest(), { taskId: 'task_1' }));
    expect(await provider.poll(operation)).toEqual({ status: 'queued' });
    passSeconds(3);
    expect(await provider.poll(operation)).toEqual({ status: 'running' });
    passSeconds(8);
    const outcome = await provider.poll(operation);
    expect(outcome).toMatchObject({ status: 'succeeded' });
    const video = await fetch(outcome.status === 'succeeded' ? outcome.resultUrl : '');
    expect(video.headers.get('content-type')).toBe('video/mp4');
    const bytes = Buffer.from(await video.arrayBuffer());
    expect(bytes.subarray(4, 8).toString()).toBe('ftyp');
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    expect(bytes.length).toBeLessThan(60_000);
  });

  it('is found by our id and by its own, under its own kind only', async () => {
    const fake = await aFake();
    const provider = providerFor(fake);
    const operation = operationOf(await sendCreate(provider, aRequest(), { taskId: 'task_1' }));
    const createdAtMs = nowMs;
    expect(await provider.find('textGenerate', 'task_1')).toEqual({
      status: 'found',
      operation,
      createdAtMs,
      state: { status: 'queued' },
    });
    expect(await provider.find('generate', 'task_1')).toEqual({ status: 'not-found' });
    expect(await provider.poll({ ...operation, action: 'omniVideo' })).toEqual({ status: 'not-found' });
  });

  it('stands in the list of its kind', async () => {
    const fake = await aFake();
    await ask(fake, '/v1/videos/text2video', { body: aBody() });
    await ask(fake, '/v1/videos/text2video', { body: aBody({ external_task_id: 'task_2' }) });
    const { answer } = await ask(fake, '/v1/videos/text2video?pageNum=2&pageSize=1');
    expect(answer.data).toMatchObject([{ task_info: { external_task_id: 'task_1' } }]);
    expect((await ask(fake, '/v1/videos/omni-video')).answer.data).toEqual([]);
    expect((await ask(fake, '/v1/videos/text2video?pageSize=501')).answer.code).toBe(1201);
  });

  it('is made once for an external id', async () => {
    const fake = await aFake();
    const provider = providerFor(fake);
    const first = await sendCreate(provider, aRequest(), { taskId: 'task_1' });
    expect(await sendCreate(provider, aRequest(), { taskId: 'task_1' })).toMatchObject(first);
    expect(fake.tally('task_1')).toEqual({ asked: 2, made: 1 });
  });

  it('survives the process in a file', async () => {
    const dataFile = join(await aFolder(), 'kling.sqlite');
    const first = await startFakeKling({ apiKey, seconds: 10, dataFile, now: () => nowMs });
    const operation = operationOf(await sendCreate(providerFor(first), aRequest(), { taskId: 'task_1' }));
    await first.close();
    passSeconds(11);
    const second = await aFake({ dataFile });
    expect(await providerFor(second).poll(operation)).toMatchObject({
      status: 'succeeded',
      resultUrl: expect.stringContaining(second.url),
    });
    expect(await sendCreate(providerFor(second), aRequest(), { taskId: 'task_1' })).toMatchObject({
      status: 'accepted',
      operation,
    });
  });
});

it.each([
  ['kling-v2-6', { mode: 'std', duration: '5' }, '1.5'],
  ['kling-v2-6', { mode: 'pro', duration: '10', sound: 'on' }, '10'],
  ['kling-v3', { mode: '4k', duration: '3' }, '9'],
])('a render of %s with %j is charged %s units', async (upstreamModel, parameters, units) => {
  const fake = await aFake();
  const provider = providerFor(fake);
  const request = aRequest({ upstreamModel, parameters: { prompt: 'a red kite', ...parameters } });
  const operation = operationOf(await sendCreate(provider, request, { taskId: 'task_1' }));
  passSeconds(10);
  expect(await provider.poll(operation)).toMatchObject({ status: 'succeeded', units });
});

describe('strictness', () => {
  const textOf = (body: object) => ['text2video', body] as const;
  const imageOf = (body: object) => ['image2video', { image: 'https://a.example/a.png', ...body }] as const;
  const omniOf = (body: object) =>
    ['omni-video', { model_name: 'kling-v3-omni', aspect_ratio: '16:9', ...body }] as const;

  it.each([
    [...textOf({ model_name: 'kling-v9' }), "model_name value 'kling-v9' is invalid"],
    [...textOf({ model_name: 'kling-v2-master' }), "model_name value 'kling-v2-master' is invalid"],
    [...textOf({ model_name: undefined, model: 'kling-v3' }), "model_name value 'kling-v1' is invalid"],
    [...textOf({ model_name: 'kling-v3-omni' }), "model_name value 'kling-v3-omni' is invalid"],
    [...omniOf({ model_name: 'kling-v3' }), "model_name value 'kling-v3' is invalid"],
    [...textOf({ duration: 5 }), "duration value '5' is invalid"],
    [...textOf({ duration: '99' }), "duration value '99' is invalid"],
    [...textOf({ mode: 'standard' }), "mode value 'standard' is invalid"],
    [...textOf({ model_name: 'kling-v2-6', sound: 'on' }), "mode value 'std' is invalid"],
    [...textOf({ model_name: 'kling-v2-5-turbo', sound: 'on', mode: 'pro' }), "sound value 'on' is invalid"],
    [...textOf({ prompt: '  ' }), 'prompt cannot be blank'],
    [...textOf({ cfg_scale: '0.5' }), "cfg_scale value '0.5' is invalid"],
    [...textOf({ multi_shot: 'true' }), "multi_shot value 'true' is invalid"],
    [...textOf({ image_list: [] }), 'image_list is not supported by text2video'],
    [...textOf({ camera_control: {} }), expect.stringMatching(/camera_control is only supported/)],
    [...imageOf({ aspect_ratio: '16:9' }), 'aspect_ratio is not supported by image2video'],
    [
      ...imageOf({ image: 'data:image/png;base64,AAAA' }),
      expect.stringMatching(/^image value .* is invalid/),
    ],
    [...imageOf({ image: 'asset:0' }), "image value 'asset:0' is invalid"],
    [
      ...imageOf({ model_name: 'kling-v2-5-turbo', image_tail: 'https://a.example/b.png' }),
      "mode value 'std' is invalid",
    ],
    [...imageOf({ element_list: [{ element_id: '1' }] }), expect.stringMatching(/^element_list value/)],
    [...omniOf({ aspect_ratio: undefined }), 'aspect_ratio cannot be empty'],
    [...omniOf({ negative_prompt: 'x' }), 'negative_prompt is not supported by omni-video'],
    [
      ...omniOf({ model_name: 'kling-video-o1', duration: '7' }),
      expect.stringMatching(/only supports 5 or 10/),
    ],
    [
      ...omniOf({ image_list: [{ image_url: 'https://a.example/a.png', type: 'end_frame' }] }),
      expect.stringMatching(/end_frame/),
    ],
    [
      ...textOf({
        multi_shot: true,
        shot_type: 'customize',
        multi_prompt: [{ index: 1, prompt: 'x', duration: '4' }],
      }),
      expect.stringMatching(/sum/),
    ],
  ])('refuses a create on %s with %j', async (kind, body, message) => {
    const fake = await aFake();
    const { status, answer } = await ask(fake, `/v1/videos/${kind}`, { body: aBody(body) });
    expect({ status, code: answer.code, message: answer.message }).toEqual({
      status: 400,
      code: 1201,
      message,
    });
    expect(fake.tally('task_1').made).toBe(0);
  });

  it('refuses more renders of a model than there are slots, until one ends', async () => {
    const fake = await aFake();
    fake.behave({ slots: 1 });
    const provider = providerFor(fake);
    await sendCreate(provider, aRequest(), { taskId: 'task_1' });
    expect(await sendCreate(provider, aRequest(), { taskId: 'task_2' })).toMatchObject({ status: 'busy' });
    passSeconds(11);
    expect(await sendCreate(provider, aRequest(), { taskId: 'task_2' })).toMatchObject({
      status: 'accepted',
    });
  });

  it('knows its paths and methods', async () => {
    const fake = await aFake();
    expect((await ask(fake, '/v1/videos/text3video')).answer.code).toBe(1203);
    expect((await ask(fake, '/v1/videos/text2video', { method: 'DELETE' })).answer.code).toBe(1202);
  });
});

describe('the door', () => {
  it.each([
    ['', 1001],
    ['Bearer wrong', 1002],
    [`Basic ${apiKey}`, 1002],
    ['Bearer a.b.c', 1002],
  ])('does not open for %j', async (authorization, code) => {
    const { status, answer } = await ask(await aFake(), '/v1/videos/text2video', { authorization });
    expect({ status, code: answer.code }).toEqual({ status: 401, code });
  });

  it.each([
    ['opens for a token of the right time', 0, 'accepted'],
    ['opens for a clock that is five seconds fast', 5, 'accepted'],
    ['stays shut for a clock that is fast', 60, 'operator-fault'],
    ['stays shut for a token of an hour ago', -3_600, 'operator-fault'],
  ])('%s', async (_title, aheadSeconds, status) => {
    const fake = await aFake();
    const provider = createKlingProvider({
      baseUrl: fake.url,
      credentials: pair,
      http: createHttpClient(fetch),
      now: () => nowMs + aheadSeconds * 1_000,
      readPicture: async () => Buffer.alloc(0),
    });
    expect(await sendCreate(provider, aRequest(), { taskId: 'task_1' })).toMatchObject({ status });
  });
});

describe('a webhook', () => {
  const aReceiver = async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.stop());
    return receiver;
  };

  it('tells each change as the bare task, signed where a secret is set', async () => {
    const receiver = await aReceiver();
    const fake = await aFake({ seconds: 0.2, now: Date.now, webhookSecret });
    await sendCreate(providerFor(fake), aRequest(), {
      taskId: 'task_1',
      webhookUrl: `${receiver.url}/hooks/kling`,
    });
    const webhooks = await receiver.waitFor(2);
    expect(webhooks.map(({ body }) => JSON.parse(body))).toMatchObject([
      { task_status: 'processing', task_info: { external_task_id: 'task_1' } },
      { task_status: 'succeed', task_result: { videos: [{ url: expect.stringContaining('.mp4') }] } },
    ]);
    const documented = new URL('../fixtures/kling/webhook-succeed.json', import.meta.url);
    const { body: example } = JSON.parse(readFileSync(documented, 'utf8'));
    expect(Object.keys(example)).toEqual(
      expect.arrayContaining(Object.keys(JSON.parse(webhooks[1]?.body ?? ''))),
    );
    for (const { body, headers } of webhooks)
      new Webhook(webhookSecret).verify(body, headers as Record<string, string>);
  });

  it('tells each change as it was and in its order, however late it is told', async () => {
    const receiver = await aReceiver();
    const fake = await aFake({ seconds: 0.5 });
    await sendCreate(providerFor(fake), aRequest(), { taskId: 'task_1', webhookUrl: receiver.url });
    passSeconds(60);
    const webhooks = await receiver.waitFor(2);
    expect(webhooks.map(({ body }) => JSON.parse(body).task_status)).toEqual(['processing', 'succeed']);
  });

  it('comes at once for a render that is ended by hand', async () => {
    const receiver = await aReceiver();
    const fake = await aFake({ seconds: 3_600, now: Date.now });
    const provider = providerFor(fake);
    await sendCreate(provider, aRequest(), { taskId: 'task_1', webhookUrl: receiver.url });
    fake.end('task_1');
    expect(JSON.parse((await receiver.next()).body)).toMatchObject({ task_status: 'succeed' });
    expect(await provider.poll({ action: 'textGenerate', id: 'task_1' })).toMatchObject({
      status: 'succeeded',
    });
  });

  it('comes twice, or not at all, when told so', async () => {
    const receiver = await aReceiver();
    const silent = await aFake({ seconds: 0.1, now: Date.now });
    silent.behave({ webhooks: 'off' });
    const provider = providerFor(silent);
    await sendCreate(provider, aRequest(), { taskId: 'task_1', webhookUrl: `${receiver.url}/off` });
    await expect
      .poll(() => provider.poll({ action: 'textGenerate', id: 'task_1' }))
      .toMatchObject({ status: 'succeeded' });
    const repeating = await aFake({ seconds: 0.1, now: Date.now });
    repeating.behave({ webhooks: 'repeated' });
    await sendCreate(providerFor(repeating), aRequest(), {
      taskId: 'task_2',
      webhookUrl: `${receiver.url}/twice`,
    });
    const webhooks = await receiver.waitFor(4);
    expect(webhooks.map(({ path }) => path)).toEqual(['/twice', '/twice', '/twice', '/twice']);
  });

  it('that was due while the process was down comes at the next start', async () => {
    const receiver = await aReceiver();
    const dataFile = join(await aFolder(), 'kling.sqlite');
    const first = await startFakeKling({ apiKey, seconds: 10, dataFile, now: () => nowMs });
    await sendCreate(providerFor(first), aRequest(), {
      taskId: 'task_1',
      webhookUrl: `${receiver.url}/hooks`,
    });
    await first.close();
    passSeconds(11);
    await aFake({ dataFile });
    expect(JSON.parse((await receiver.next()).body)).toMatchObject({ task_status: 'succeed' });
  });
});

describe('misbehaviour on demand', () => {
  it.each<[CreateFault, string, number]>([
    ['busy', 'busy', 0],
    ['too-fast', 'busy', 0],
    ['arrears', 'operator-fault', 0],
    ['internal-error', 'unclear', 0],
    ['reset', 'unclear', 0],
    ['lost', 'unclear', 1],
    ['lost-internal-error', 'unclear', 1],
  ])('%s befalls the next create only', async (fault, status, made) => {
    const fake = await aFake();
    fake.behave({ creates: [fault] });
    const provider = providerFor(fake);
    expect(await sendCreate(provider, aRequest(), { taskId: 'task_1' })).toMatchObject({ status });
    expect(fake.tally('task_1').made).toBe(made);
    expect(await provider.find('textGenerate', 'task_1')).toMatchObject({
      status: made ? 'found' : 'not-found',
    });
    expect(await sendCreate(provider, aRequest(), { taskId: 'task_1' })).toMatchObject({
      status: 'accepted',
    });
    expect(fake.tally('task_1')).toEqual({ asked: 2, made: 1 });
  });

  it('befalls queries, one by one', async () => {
    const fake = await aFake();
    const provider = providerFor(fake);
    const operation = operationOf(await sendCreate(provider, aRequest(), { taskId: 'task_1' }));
    fake.behave({ queries: ['reset', 'internal-error', 'unreadable', 'not-found'] });
    const statuses: string[] = [];
    for (let query = 0; query < 5; query += 1) statuses.push((await provider.poll(operation)).status);
    expect(statuses).toEqual(['unanswered', 'unanswered', 'unanswered', 'not-found', 'queued']);
  });

  it('fails renders with the words that it is given', async () => {
    const fake = await aFake();
    fake.behave({ failure: 'Image pixel is invalid', seconds: 1 });
    const provider = providerFor(fake);
    const operation = operationOf(await sendCreate(provider, aRequest(), { taskId: 'task_1' }));
    passSeconds(1);
    expect(await provider.poll(operation)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('Image pixel is invalid'),
    });
  });
});

describe('a full disk', () => {
  it('ends neither the fake nor what it was about to do', async () => {
    const dataFile = join(await aFolder(), 'kling.sqlite');
    const reported = Promise.withResolvers<void>();
    const hook = createServer((_request, response) => {
      response.writeHead(200).end();
      reported.resolve();
    });
    const callback_url = `http://127.0.0.1:${await listenOnLoopback(hook, 0)}/`;
    onTestFinished(() => stopListening(hook));
    const warned = Promise.withResolvers<void>();
    const log = createLog(({ event }) => {
      if (event === 'local.fake-unkept') warned.resolve();
    });
    const fake = await aFake({ dataFile, seconds: 0.2, now: Date.now, log });
    expect((await ask(fake, '/v1/videos/text2video', { body: aBody({ callback_url }) })).status).toBe(200);

    const database = new DatabaseSync(dataFile);
    onTestFinished(() => database.close());
    for (const write of ['INSERT', 'UPDATE'])
      database.exec(
        `CREATE TRIGGER full_${write} BEFORE ${write} ON renders BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
      );
    const refused = await ask(fake, '/v1/videos/text2video', {
      body: aBody({ external_task_id: 'task_2' }),
    });
    expect([refused.status, refused.answer.code]).toEqual([500, 5000]);
    await warned.promise;
    for (const write of ['INSERT', 'UPDATE']) database.exec(`DROP TRIGGER full_${write}`);
    await reported.promise;
  });
});

describe('a prompt with a magic word', () => {
  it('[fail] fails', async () => {
    const provider = providerFor(await aFake());
    const operation = operationOf(
      await sendCreate(provider, prompting('a kite [fail]'), { taskId: 'task_1' }),
    );
    passSeconds(10);
    expect(await provider.poll(operation)).toMatchObject({ status: 'failed' });
  });

  it('[busy] is taken at the third time', async () => {
    const provider = providerFor(await aFake());
    const statuses: string[] = [];
    for (let create = 0; create < 3; create += 1)
      statuses.push((await sendCreate(provider, prompting('a kite [busy]'), { taskId: 'task_1' })).status);
    expect(statuses).toEqual(['busy', 'busy', 'accepted']);
  });

  it('[slow] takes five times as long', async () => {
    const provider = providerFor(await aFake());
    const operation = operationOf(
      await sendCreate(provider, prompting('a kite [slow]'), { taskId: 'task_1' }),
    );
    passSeconds(49);
    expect(await provider.poll(operation)).toEqual({ status: 'running' });
    passSeconds(1);
    expect(await provider.poll(operation)).toMatchObject({ status: 'succeeded' });
  });

  it('[lost] is made, but the answer is lost', async () => {
    const fake = await aFake();
    const provider = providerFor(fake);
    expect(await sendCreate(provider, prompting('a kite [lost]'), { taskId: 'task_1' })).toMatchObject({
      status: 'unclear',
    });
    expect(await provider.find('textGenerate', 'task_1')).toMatchObject({ status: 'found' });
  });

  it('[12s] takes 12 seconds', async () => {
    const provider = providerFor(await aFake());
    const operation = operationOf(
      await sendCreate(provider, prompting('a kite [12s]'), { taskId: 'task_1' }),
    );
    passSeconds(11);
    expect(await provider.poll(operation)).toEqual({ status: 'running' });
    passSeconds(1);
    expect(await provider.poll(operation)).toMatchObject({ status: 'succeeded' });
  });

  it('[refused] does not pass the content check', async () => {
    const provider = providerFor(await aFake());
    const outcome = await sendCreate(provider, prompting('a kite [refused]'), { taskId: 'task_1' });
    expect(outcome).toMatchObject({ status: 'refused', code: '1301' });
  });
});

describe('its video', () => {
  const videoLink = async (changes: object = {}) => {
    const fake = await aFake();
    expect((await ask(fake, '/v1/videos/text2video', { body: aBody(changes) })).status).toBe(200);
    return `${fake.url}/results/task_1.mp4`;
  };
  const bytesAt = async (link: string) => Buffer.from(await (await fetch(link)).arrayBuffer());

  it.each([{ prompt: 'a blue kite' }, { mode: 'pro' }, { duration: '10' }, { aspect_ratio: '1:1' }])(
    'shows what was asked for: %j makes another one',
    async (changes) => {
      const usual = await bytesAt(await videoLink());
      expect((await bytesAt(await videoLink(changes))).equals(usual)).toBe(false);
    },
  );

  it.each([
    ['bytes=0-9', 0, 9],
    ['bytes=100-', 100, undefined],
    ['bytes=-5', -5, undefined],
  ])('can be had in parts: %s', async (range, first, last) => {
    const link = await videoLink();
    const whole = await bytesAt(link);
    const part = await fetch(link, { headers: { range } });
    expect(part.status).toBe(206);
    const expected = whole.subarray(first, last === undefined ? undefined : last + 1);
    expect(Buffer.from(await part.arrayBuffer()).equals(expected)).toBe(true);
    const at = first < 0 ? whole.length + first : first;
    expect(part.headers.get('content-range')).toBe(`bytes ${at}-${at + expected.length - 1}/${whole.length}`);
  });

  it('refuses a part behind its end, and tells its size to HEAD', async () => {
    const link = await videoLink();
    const { length } = await bytesAt(link);
    expect((await fetch(link, { headers: { range: `bytes=${length}-` } })).status).toBe(416);
    const head = await fetch(link, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(length)]);
  });
});
