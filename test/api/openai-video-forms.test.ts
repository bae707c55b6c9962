import { beforeEach, describe, expect, it } from 'vitest';
import { createTestApi, errorOf, ownKey, ownUrl, type TestApi } from '../support/api.ts';
import { aPng } from '../support/pictures.ts';

const boundary = 'a-boundary';
const formType = `multipart/form-data; boundary=${boundary}`;
const end = Buffer.from(`--${boundary}--\r\n`);
const picture = aPng({ width: 400, height: 400 });

type Value = string | Uint8Array;

/** A part as it goes over the wire, so that it can be wrong in every way. */
const part = (name: string, value: Value, more = '') =>
  Buffer.concat([
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
const file = (name: string, value: Value) => part(name, value, '; filename="a.png"');
const model = part('model', 'kling-v2-6');
const base = Buffer.concat([model, part('prompt', 'rain')]);
const formOf = (...parts: readonly Uint8Array[]) => Buffer.concat([...parts, end]);

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const send = (body: Uint8Array, contentType: string | undefined = formType, headers = {}) =>
  api.request(`${ownUrl}/v1/videos`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ownKey}`,
      ...(contentType !== '' && { 'content-type': contentType }),
      ...headers,
    },
    body: new Uint8Array(body),
  });
const expectNothingMade = () => {
  expect([api.created, api.sent, [...api.pictures]]).toEqual([[], [], []]);
};
const parametersOf = async (response: Response) => {
  const body = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(body)).toBe(200);
  const task = await api.tasks.find(body.id);
  if (task?.kind !== 'video' || task.state !== 'queued') throw new Error('no video waits');
  return { parameters: task.request.parameters, callback: task.callback };
};

describe('a form that is damaged', () => {
  const whole = formOf(base);
  it.each([
    ['has no boundary', whole, 'multipart/form-data'],
    ['has an empty boundary', whole, 'multipart/form-data; boundary='],
    ['has another boundary', whole, 'multipart/form-data; boundary=other'],
    ['is cut', whole.subarray(0, -20), formType],
    ['is cut before its end', base, formType],
    [
      'is cut within a file',
      Buffer.concat([base, file('input_reference', picture)]).subarray(0, -90),
      formType,
    ],
    ['is empty', Buffer.alloc(0), formType],
    ['has bare line feeds', Buffer.from(whole.toString().replaceAll('\r\n', '\n')), formType],
    [
      'has a part without a name',
      formOf(base, Buffer.from(`--${boundary}\r\ncontent-disposition: form-data\r\n\r\nx\r\n`)),
      formType,
    ],
  ])('is a 400 where it %s', async (_how, body, contentType) => {
    const response = await send(body, contentType);
    expect(response.status).toBe(400);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'bad_request_body', param: null });
    expect(error.message).toContain('not valid multipart/form-data');
    expectNothingMade();
  });

  it.each([
    ['is none, but urlencoded', 'application/x-www-form-urlencoded', {}],
    ['is of another kind', `multipart/mixed; boundary=${boundary}`, {}],
    ['has no type', '', {}],
    ['is compressed', formType, { 'content-encoding': 'gzip' }],
    ['is declared to be in another character set', `${formType}; charset=gbk`, {}],
  ])('is a 415 where it %s', async (_how, contentType, headers) => {
    const response = await send(formOf(base), contentType, headers);
    expect(response.status).toBe(415);
    expect(await errorOf(response)).toMatchObject({ code: 'bad_request_body' });
    expectNothingMade();
  });

  it('is told that a form will do, too', async () => {
    const error = await errorOf(await send(formOf(base), 'text/plain'));
    expect(error.message).toContain('must be multipart/form-data, or JSON with the header');
  });
});

describe('a form with a field that is wrong', () => {
  it.each([
    [
      'two files under one name',
      [base, file('input_reference', picture), file('input_reference', picture)],
      'input_reference',
      /second file/,
    ],
    [
      'a file and an address',
      [base, file('input_reference', picture), part('input_reference[image_url]', 'https://a.example/a.png')],
      'input_reference[image_url]',
      /more than once/,
    ],
    [
      'a file without a file’s name',
      [base, part('input_reference', picture)],
      'input_reference',
      /filename=/,
    ],
    [
      'a size of another model',
      [base, part('size', '3840x2160')],
      'size',
      /1080x1920.* for kling\/kling-v2-6/,
    ],
    [
      'a GIF',
      [base, file('input_reference', `GIF89a${'x'.repeat(99)}`)],
      'input_reference',
      /PNG nor a JPEG/,
    ],
    [
      'a video as its picture',
      [base, file('input_reference', `....ftypisom${'x'.repeat(99)}`)],
      'input_reference',
      /PNG nor a JPEG/,
    ],
    ['a file under another name', [base, file('video', 'x')], 'video', /cannot be a file/],
    ['a prompt that is a file', [model, file('prompt', 'rain')], 'prompt', /cannot be a file/],
    ['an empty file', [base, file('input_reference', '')], 'input_reference', /empty file/],
    ['text that is not UTF-8', [model, part('prompt', Buffer.from([0x63, 0xe9]))], 'prompt', /UTF-8/],
    [
      'brackets that do not match',
      [base, part('metadata[mode', 'pro')],
      'metadata[mode',
      /no name of a field/,
    ],
    ['brackets without a name', [base, part('[]', 'x')], '[]', /no name of a field/],
    ['a name that is empty', [base, part('', 'x')], '', /no name of a field/],
    [
      'metadata that is broken JSON',
      [base, part('metadata', '{"mode":')],
      'metadata',
      /not valid JSON: it ends too early/,
    ],
    ['metadata that is plain text', [base, part('metadata', 'pro')], 'metadata', /must be an object/],
    ['metadata that is a list', [base, part('metadata', '[1]')], 'metadata', /must be an object/],
    [
      'a forbidden name in JSON',
      [base, part('metadata', '{"__proto__":{"a":1}}')],
      'metadata.__proto__',
      /not allowed/,
    ],
    [
      'an unknown event',
      [base, part('callback_url', 'https://hooks.example.com/a'), part('callback_events', 'video.done')],
      'callback_events[0]',
      /must be one of/,
    ],
    [
      'a list that is numbered',
      [base, part('callback_url', 'https://hooks.example.com/a'), part('callback_events[0]', 'video.failed')],
      'callback_events[0]',
      /must be written without a number: callback_events\[\]\./,
    ],
    [
      'an element of a list that is numbered',
      [base, part('metadata[image_list][1][image_url]', 'https://images.example.com/a.png')],
      'metadata[image_list][1][image_url]',
      /metadata\[image_list\]\[\]\[image_url\]/,
    ],
    ['an empty length', [base, part('seconds', '0')], 'seconds', /whole number/],
    ['a length in words', [base, part('seconds', 'auto')], 'seconds', /whole number/],
    ['a length with a blank', [base, part('seconds', ' 5')], 'seconds', /whole number/],
    ['a size in capitals', [base, part('size', '1280X720')], 'size', /1280x720/],
    ['a size that is a shape', [base, part('size', '16:9')], 'size', /metadata\.aspect_ratio/],
    ['more than one video', [base, part('n', '2')], 'n', /one video/],
    ['characters', [base, part('characters', '[{"id":"char_1"}]')], 'characters', /not offered/],
  ])('is refused for %s', async (_what, parts, param, message) => {
    const response = await send(formOf(...parts));
    const error = await errorOf(response);
    expect([response.status, error.code, error.param]).toEqual([400, 'invalid_request', param]);
    expect(error.message).toMatch(message);
    expectNothingMade();
  });

  it.each(['quoted-printable', 'base64', 'x-gzip'])(
    'is a 415 where a part says that it is encoded as %s, which no parser here undoes',
    async (encoding) => {
      const prompt = part('prompt', 'a =3D b', `\r\nContent-Transfer-Encoding: ${encoding}`);
      const response = await send(formOf(model, prompt));
      expect(response.status).toBe(415);
      expect((await errorOf(response)).message).toContain(`encoded as "${encoding}"`);
      expectNothingMade();
    },
  );

  it('is a 415 where a part says that it is not UTF-8', async () => {
    const prompt = part('prompt', 'a', '\r\nContent-Type: text/plain; charset=iso-2022-jp');
    const response = await send(formOf(model, prompt));
    expect(response.status).toBe(415);
    expect((await errorOf(response)).message).toContain('must be UTF-8, not "iso-2022-jp"');
    expectNothingMade();
  });

  it('is a 415 where a part says that it is Latin-1, and its text is not UTF-8 as well', async () => {
    const prompt = part('prompt', 'ein Café', '\r\nContent-Type: text/plain; charset=ISO-8859-1');
    const response = await send(formOf(model, prompt));
    expect(response.status).toBe(415);
    expect((await errorOf(response)).message).toContain('must be UTF-8, not "ISO-8859-1"');
    expectNothingMade();
  });

  it.each([
    'Content-Transfer-Encoding: 8bit',
    'Content-Type: text/plain; charset=us-ascii',
    'Content-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit',
    'Content-Type: text/plain;charset="utf-8"',
  ])('is taken with what some clients add to each part: %s', async (header) => {
    const prompt = part('prompt', '\r\nContent-Transfer-Encoding: base64', `\r\n${header}`);
    expect((await send(formOf(model, prompt))).status).toBe(200);
  });

  it('is a 400 with more levels than any request needs', async () => {
    const response = await send(formOf(base, part(`metadata${'[a]'.repeat(70)}`, 'x')));
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain('more than 64 levels deep');
    expectNothingMade();
  });

  it('is a 400 with more fields than any request needs', async () => {
    const fields = Array.from({ length: 10_001 }, (_, index) => part(`f${index}`, 'x'));
    const response = await send(formOf(base, ...fields));
    expect(response.status).toBe(400);
    expectNothingMade();
  });
});

describe('a form', () => {
  const callbackUrl = part('callback_url', 'https://hooks.example.com/a');

  it('may hold metadata as JSON, and single fields of it beside', async () => {
    const response = await send(
      formOf(
        base,
        part('metadata', '{"mode": "pro", "cfg_scale": 0.5}'),
        part('metadata[negative_prompt]', '[people]'),
      ),
    );
    const { parameters } = await parametersOf(response);
    expect(parameters).toMatchObject({ mode: 'pro', negative_prompt: '[people]' });
  });

  it('may declare its JSON, as generated clients do', async () => {
    const json = '\r\ncontent-type: application/json';
    const { parameters, callback } = await parametersOf(
      await send(
        formOf(
          base,
          callbackUrl,
          part('metadata', '{"mode": "pro"}', json),
          part('callback_events', '["video.failed"]', json),
        ),
      ),
    );
    expect([parameters['mode'], callback?.events]).toEqual(['pro', ['video.failed']]);
  });

  it('may hold a list of metadata as JSON', async () => {
    const list = '[{"image_url": "https://a.example/1.png"}, {"image_url": "https://a.example/2.png"}]';
    const response = await send(
      formOf(part('model', 'kling-v3-omni'), part('prompt', 'rain'), part('metadata[image_list]', list)),
    );
    expect((await parametersOf(response)).parameters['image_list']).toHaveLength(2);
  });

  it.each([
    ['repeated', [part('callback_events', 'video.failed'), part('callback_events', 'video.completed')]],
    [
      'repeated with brackets',
      [part('callback_events[]', 'video.failed'), part('callback_events[]', 'video.completed')],
    ],
    ['as JSON', [part('callback_events', '["video.failed", "video.completed"]')]],
  ])('may hold the events %s', async (_how, events) => {
    const { callback } = await parametersOf(await send(formOf(base, callbackUrl, ...events)));
    expect(callback?.events).toEqual(['video.failed', 'video.completed']);
  });

  it('leaves a prompt that looks like JSON as it is', async () => {
    const { parameters } = await parametersOf(await send(formOf(model, part('prompt', '{"scene": "rain"}'))));
    expect(parameters['prompt']).toBe('{"scene": "rain"}');
  });

  it.each(['negative_prompt', 'metadata[negative_prompt]'])('leaves such a %s as it is', async (name) => {
    const { parameters } = await parametersOf(await send(formOf(base, part(name, '[]'))));
    expect(parameters['negative_prompt']).toBe('[]');
  });

  it('is refused where its JSON says a thing twice', async () => {
    const response = await send(formOf(base, part('metadata', '{"duration": 5, "duration": 10}')));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      param: 'metadata',
      message: 'metadata holds duration more than once; give it once.',
    });
    expectNothingMade();
  });

  it('may leave its fields empty', async () => {
    const empty = ['callback_events', 'callback_url', 'seconds', 'size', 'metadata', 'n'];
    const response = await send(formOf(base, ...empty.map((name) => part(name, ''))));
    expect((await parametersOf(response)).callback).toBeUndefined();
  });

  it('names what it ignored', async () => {
    const response = await send(formOf(base, part('colour', 'red'), part('7', 'x'), part('n', '1')));
    expect(response.headers.get('x-clear-ignored-fields')).toBe('7, colour');
  });

  it('may have text before and after its parts', async () => {
    const body = Buffer.concat([Buffer.from('before\r\n'), formOf(base), Buffer.from('after')]);
    expect((await send(body)).status).toBe(200);
  });
});
