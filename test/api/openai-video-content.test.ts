import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { VideoTask } from '../../lib/tasks/task.ts';
import { anEndedTask, aRunningTask, aTask } from '../support/a-task.ts';
import { createTestApi, errorOf, foreignKey, ownKey, ownUrl } from '../support/api.ts';
import { patience } from '../support/patience.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const { id } = anEndedTask();
const content = `/v1/videos/${id}/content`;
const own = { workspaceId: 'ws_own' };
const link = 'https://cdn.example/video.mp4';

describe('the content of a video', () => {
  const asked: object[] = [];
  const aFile = { headers: { 'content-type': 'video/mp4', 'content-length': '4' } };
  const apiWith = async (task: VideoTask = anEndedTask(own)) => {
    asked.length = 0;
    const api = createTestApi({
      dependencies: {
        openResult: async (url, options) => {
          asked.push({ url, ...options });
          return options.range === undefined
            ? { ...aFile, ...(!options.onlyHeaders && { body: new Blob(['ftyp']).stream() }) }
            : 'no-such-part';
        },
      },
    });
    await api.tasks.create(task);
    return api;
  };

  it.each(['', '?redirect=true', '?variant=video', '?redirect=&variant='])(
    'is a redirect to where it lies%s',
    async (query) => {
      const response = await (await apiWith()).get(content + query);
      expect([response.status, response.headers.get('location')]).toEqual([302, link]);
      expect(asked).toEqual([]);
    },
  );

  it('redirects HEAD as well', async () => {
    const api = await apiWith();
    const headers = { authorization: `Bearer ${ownKey}` };
    const response = await api.request(ownUrl + content, { method: 'HEAD', headers });
    expect([response.status, response.headers.get('location')]).toEqual([302, link]);
  });

  it.each([
    ['redirect=false', '?redirect=false', {}],
    ['OpenAI’s client for Go, which follows no redirect to another origin', '', { 'x-stainless-lang': 'go' }],
  ] as const)('is sent itself to %s', async (_who, query, headers) => {
    const response = await (await apiWith()).get(content + query, headers);
    expect([response.status, await response.text()]).toEqual([200, 'ftyp']);
    expect(asked).toEqual([{ url: link, onlyHeaders: false }]);
  });

  it('is redirected to by OpenAI’s other clients', async () => {
    for (const language of ['js', 'python', 'java', 'ruby'])
      expect((await (await apiWith()).get(content, { 'x-stainless-lang': language })).status).toBe(302);
  });

  it('is a 416 beyond its end', async () => {
    const response = await (await apiWith()).get(`${content}?redirect=false`, { range: 'bytes=9-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */4']);
    expect(await errorOf(response)).toMatchObject({ param: 'Range' });
  });

  it.each([
    ['redirect=no', 'redirect'],
    ['redirect=0', 'redirect'],
    ['redirect=true&redirect=false', 'redirect'],
    ['variant=thumbnail', 'variant'],
    ['variant=VIDEO', 'variant'],
    ['variant=video&variant=thumbnail', 'variant'],
    ['quality=high', 'quality'],
  ])('is refused with ?%s', async (query, param) => {
    const response = await (await apiWith()).get(`${content}?${query}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param });
  });

  it.each([
    ['redirect=no', 'redirect'],
    ['redirect=true&redirect=false', 'redirect'],
    ['variant=thumbnail', 'variant'],
  ])('is refused in the other dialect with ?%s', async (query, param) => {
    const response = await (await apiWith()).get(`/v1/video/generations/${id}/content?${query}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param });
  });

  it.each([
    ['waits', aTask(own), 409],
    ['is rendered', aRunningTask(own), 409],
    [
      'has failed',
      anEndedTask({ ...own, result: { status: 'FAILURE', code: 'refused', reason: 'No such place.' } }),
      404,
    ],
    [
      'has expired',
      anEndedTask({ ...own, result: { status: 'FAILURE', code: 'expired', reason: 'It took too long.' } }),
      404,
    ],
  ])('is not to be had while the task %s, and no SDK repeats that', async (_state, task, status) => {
    const response = await (await apiWith(task)).get(content);
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([status, 'false']);
    expect(await errorOf(response)).toMatchObject({ code: 'result_not_ready', param: 'video_id' });
  });

  it('is a 404 when the provider keeps it no longer, and a 502 when its storage has trouble', async () => {
    const gone = createTestApi();
    await gone.tasks.create(anEndedTask(own));
    expect((await gone.get(`${content}?redirect=false`)).status).toBe(404);
    const openResult = async () => Promise.reject(new Error('reset'));
    const troubled = createTestApi({ dependencies: { openResult } });
    await troubled.tasks.create(anEndedTask(own));
    const response = await troubled.get(`${content}?redirect=false`);
    expect(response.status).toBe(502);
    expect(await errorOf(response)).toMatchObject({ type: 'upstream_error', code: 'upstream_error' });
  });

  it('is no business of another workspace', async () => {
    const api = await apiWith();
    const headers = { authorization: `Bearer ${foreignKey}` };
    expect((await api.request(ownUrl + content, { headers })).status).toBe(404);
  });
});

describe.each([
  ['that lies with its provider', 'false'],
  ['that the deployment copied', 'true'],
])('a video %s', (_where, copyResults) => {
  let stack: TestStack;
  let address: string;
  beforeAll(async () => {
    stack = await startTestStack({
      variables: { CALLBACK_ALLOW_PRIVATE: 'true', COPY_RESULTS: copyResults },
    });
    const headers = { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'kling-v2-6', prompt: 'a heron' });
    const json = async (url: string, init: RequestInit = {}) =>
      (await (await fetch(url, { headers, ...init })).json()) as { id: string; status: string };
    const { id } = await json(`${stack.url}/v1/videos`, { method: 'POST', body });
    address = `${stack.url}/v1/videos/${id}`;
    const ended = async () => expect((await json(address)).status).toBe('completed');
    await vi.waitFor(ended, patience);
  });
  afterAll(() => stack.stop());
  const ask = (query: string, init: RequestInit = {}) =>
    fetch(`${address}/content${query}`, {
      ...init,
      headers: { authorization: `Bearer ${stack.apiKey}`, ...init.headers },
    });

  it.each(['', '?redirect=false'])('is had whole, in part and as HEAD%s', async (query) => {
    const whole = await ask(query);
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect([whole.status, bytes.toString('latin1', 4, 8)]).toEqual([200, 'ftyp']);
    const part = await ask(query, { headers: { range: 'bytes=4-7' } });
    expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
    expect(part.headers.get('content-range')).toBe(`bytes 4-7/${bytes.length}`);
    const end = await ask(query, { headers: { range: 'bytes=-4' } });
    expect(Buffer.from(await end.arrayBuffer())).toEqual(bytes.subarray(-4));
    const beyond = await ask(query, { headers: { range: `bytes=${bytes.length}-` } });
    expect(beyond.status).toBe(416);
    await beyond.arrayBuffer();
    const head = await ask(query, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
  });
});
