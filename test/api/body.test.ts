import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { startMs } from '../support/a-task.ts';
import { createTestApi, errorOf, ownKey, ownUrl, type TestApi } from '../support/api.ts';
import { describedRoutes } from '../support/openapi.ts';
import { aPng } from '../support/pictures.ts';
import { requestOf } from '../support/stored.ts';

const videos = '/v1/video/generations';
const good = { model: 'kling/kling-v3', prompt: 'Regen über München' };
const omni = { ...good, model: 'kling/kling-v3-omni' };
const picture = 'https://pictures.example.com/a.png';

let api: TestApi;
let taskId: string;
beforeEach(async () => {
  api = createTestApi();
  taskId = ((await (await api.submit(good)).json()) as { id: string }).id;
});

const send = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  api.request(`${ownUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownKey}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });

const acceptedRequest = async (body: object) => {
  const response = await api.submit(body);
  const answer = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return requestOf(await api.tasks.find(answer.id));
};

const routesWithBody = describedRoutes
  .filter(({ operation }) => 'requestBody' in operation)
  .map(({ path }) => path);

describe('every route that reads a body', () => {
  const json = JSON.stringify(good);
  const latin1 = Buffer.from(json, 'latin1');

  it('is known to this test', () => {
    expect(routesWithBody.length).toBeGreaterThanOrEqual(5);
  });

  it.each<[string, string | Buffer, Record<string, string>, number, string]>([
    ['Latin-1', latin1, {}, 400, 'not UTF-8'],
    ['GBK', Buffer.from([0x7b, 0x22, 0xd3, 0xea, 0x22, 0x3a, 0x31, 0x7d]), {}, 400, 'not UTF-8'],
    ['UTF-16', Buffer.from(`\ufeff${json}`, 'utf16le'), {}, 400, 'not UTF-8'],
    ['UTF-16 without its mark', Buffer.from('{"prompt":"x"}', 'utf16le'), {}, 400, 'UTF-16'],
    [
      'a charset of Latin-1',
      json,
      { 'content-type': 'application/json; charset=ISO-8859-1' },
      415,
      'ISO-8859-1',
    ],
    ['a charset of GBK in quotes', json, { 'content-type': 'application/json;charset="gbk"' }, 415, 'gbk'],
    ['a declared gzip', gzipSync(json), { 'content-encoding': 'gzip' }, 415, 'content-encoding: gzip'],
    ['a declared br', json, { 'content-encoding': 'br' }, 415, 'content-encoding: br'],
    ['an undeclared gzip', gzipSync(json), {}, 415, 'gzip'],
    ['another type', json, { 'content-type': 'text/plain' }, 415, 'application/json'],
    ['what a wrong decoder left', '{"prompt":"Regen \ufffdber"}', {}, 400, 'U+FFFD'],
    ['65 levels', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, {}, 400, '64 levels'],
    ['more than 5 MB', `{"a":"${'x'.repeat(5 * 1024 * 1024)}"}`, {}, 413, 'as URLs'],
  ])('refuses %s, and says why', async (_what, body, headers, status, words) => {
    for (const path of routesWithBody) {
      const response = await send(path.replace('{task_id}', taskId), body, headers);
      const { message } = await errorOf(response);
      expect({ path, status: response.status, message }).toEqual({
        path,
        status,
        message: expect.stringContaining(words),
      });
    }
    expect(api.created).toEqual([taskId]);
  });

  it.each([
    ['a byte order mark', Buffer.from(`\ufeff${json}`), {}],
    ['charset=UTF8', json, { 'content-type': 'application/json; charset=UTF8' }],
    ['an encoding of identity', json, { 'content-encoding': 'identity' }],
  ])('takes %s', async (_what, body, headers) => {
    const response = await send(videos, body, headers as Record<string, string>);
    expect(response.status).toBe(200);
    const { id } = (await response.json()) as { id: string };
    expect(requestOf(await api.tasks.find(id))?.parameters).toMatchObject({ prompt: good.prompt });
  });
});

describe('null and "" mean absent', () => {
  it.each<[string, object]>([
    ['beside metadata', { image: '', callback_url: null, expires_after: '', metadata: '' }],
    ['in metadata', { metadata: { mode: '', negative_prompt: null, image_tail: '', watermark_info: null } }],
  ])('%s', async (_where, fields) => {
    expect((await acceptedRequest({ ...good, ...fields }))?.parameters).toEqual(
      (await acceptedRequest(good))?.parameters,
    );
  });

  it('in the objects of a list', async () => {
    const request = await acceptedRequest({
      ...omni,
      metadata: {
        image_list: [
          { image_url: picture, type: null },
          { image_url: picture, type: '' },
        ],
      },
    });
    expect(request?.parameters['image_list']).toEqual([{ image_url: picture }, { image_url: picture }]);
  });

  it('on the other routes', async () => {
    expect((await api.post('/v1/callbacks/recover', { since: startMs / 1000, until: '' })).status).toBe(202);
    const images = await api.post('/v1/images/generations', {
      model: 'openai/gpt-image-2',
      prompt: 'x',
      n: '',
    });
    expect((await errorOf(images)).code).toBe('model_not_found');
  });

  it('and what is needed is missing then', async () => {
    const response = await api.submit({ ...good, prompt: '' });
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'prompt' });
  });
});

describe('a whole number', () => {
  it.each(['600', '600.0', 600])('may be %j in expires_after', async (expires_after) => {
    const response = await api.submit({ ...good, expires_after });
    const { id } = (await response.json()) as { id: string };
    expect((await api.tasks.find(id))?.deadlineAtMs).toBe(startMs + 600_000);
  });

  it.each(['n', 'output_compression'])('may be text in %s of an image', async (name) => {
    const request = { model: 'openai/gpt-image-2', prompt: 'x', output_format: 'webp', [name]: '7' };
    expect((await errorOf(await api.post('/v1/images/generations', request))).code).toBe('model_not_found');
    const wrong = await api.post('/v1/images/generations', { ...request, [name]: '101' });
    expect(await errorOf(wrong)).toMatchObject({ code: 'invalid_request', param: name });
  });
});

describe('base64', () => {
  const encoded = aPng().toString('base64');
  const wrapped = encoded.replace(/(.{76})/g, '$1\r\n');

  it.each([
    ['with line breaks', `${wrapped}\n`],
    ['with tabs', encoded.replace(/(.{40})/g, '$1\t')],
    ['without padding', encoded.replace(/=+$/, '')],
    ['as a data URL', `data:image/png;base64,${encoded}`],
  ])('is taken %s', async (_how, image) => {
    await acceptedRequest({ ...good, image });
    expect([...api.pictures.values()].map((bytes) => Buffer.from(bytes))).toEqual([aPng()]);
  });
});

describe('the time of a recovery', () => {
  const problem = async (body: object) => errorOf(await api.post('/v1/callbacks/recover', body));

  it.each([startMs, String(startMs)])('is told that seconds are meant where it is %j', async (since) => {
    expect(await problem({ since })).toMatchObject({
      param: 'since',
      message: expect.stringMatching(/seconds.*Divide/),
    });
    expect(await problem({ since: startMs / 1000, until: since })).toMatchObject({ param: 'until' });
  });

  it('may be seconds as text', async () => {
    const since = startMs / 1000 - 60;
    const response = await api.post('/v1/callbacks/recover', { since: String(since) });
    expect(await response.json()).toMatchObject({ since });
  });
});

describe('the address of a picture', () => {
  it('may be as long as a signed link with a session token', async () => {
    const image = `${picture}?token=${'x'.repeat(4_000)}`;
    expect((await acceptedRequest({ ...good, image }))?.parameters).toMatchObject({ image });
  });
});
