import { describe, expect, it } from 'vitest';
import { createTestApi, errorOf, ownKey } from '../support/api.ts';
import { requestOf } from '../support/stored.ts';

const good = { model: 'kling/kling-v2-6', prompt: 'rain on a tin roof' };
const omni = { ...good, model: 'kling/kling-v3-omni' };
const picture = 'https://pictures.example.com/a.png';
const other = 'https://pictures.example.com/b.png';

const accepted = async (body: object) => {
  const api = createTestApi();
  const response = await api.submit(body);
  const answer = (await response.json()) as { id: string; warnings: string[] };
  expect(response.status, JSON.stringify(answer)).toBe(200);
  const task = await api.tasks.find(answer.id);
  return { task, parameters: requestOf(task)?.parameters, headers: response.headers, ...answer };
};
const refused = async (body: object) => {
  const api = createTestApi();
  const response = await api.submit(body);
  expect(response.status).toBe(400);
  expect(api.created).toEqual([]);
  return errorOf(response);
};

describe('a field of metadata at the top of the body', () => {
  it('makes what it says', async () => {
    const { parameters, warnings } = await accepted({
      ...good,
      duration: 10,
      mode: 'pro',
      negative_prompt: 'fog',
    });
    expect(parameters).toMatchObject({ duration: '10', mode: 'pro', negative_prompt: 'fog' });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['aspect_ratio', '9:16', omni],
    ['cfg_scale', 0.4, good],
    ['sound', 'on', omni],
    ['image_list', [{ image_url: picture }], omni],
    ['watermark_info', { enabled: true }, good],
  ])('is read like that of metadata: %s', async (name, value, request) => {
    const inMetadata = await accepted({ ...request, metadata: { [name]: value } });
    expect((await accepted({ ...request, [name]: value })).parameters).toEqual(inMetadata.parameters);
  });

  it('is the caller’s own reference as well', async () => {
    const { task } = await accepted({ ...good, external_task_id: 'order-7' });
    expect(task).toMatchObject({ callerReference: 'order-7' });
  });

  it('may say the same as metadata', async () => {
    const { parameters } = await accepted({
      ...good,
      duration: '10',
      metadata: { duration: 10, mode: 'pro' },
    });
    expect(parameters).toMatchObject({ duration: '10', mode: 'pro' });
  });

  it('may not say something else than metadata', async () => {
    const error = await refused({ ...good, duration: 5, metadata: { duration: 10 } });
    expect(error).toMatchObject({ code: 'invalid_request', param: 'duration' });
    expect(error.message).toContain('duration and metadata.duration say different things');
  });

  it.each([
    ['duration', 7, /5 or 10/],
    ['mode', '4k', /std or pro/],
    ['image_list', [{ image_url: 7 }], /image_list\[0\]\.image_url must be text/],
    ['camera_control', { type: 'simple' }, /camera_control/],
  ])('is refused under its own name: %s', async (name, value, message) => {
    const error = await refused({ ...good, [name]: value });
    expect(error.param?.startsWith(name)).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('metadata.');
  });

  it('is refused under its own name without a model, too', async () => {
    expect((await refused({ prompt: 'x', mode: 'ultra' })).message).toMatch(
      /(^| )mode must be std, pro or 4k/,
    );
  });
});

it.each(['json', 'form'])('a prompt that was an object once is not rendered: %s', async (encoding) => {
  const prompt = String({ text: 'rain' });
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...good, prompt })) form.set(name, value);
  const api = createTestApi();
  const response =
    encoding === 'json'
      ? await api.submit({ ...good, prompt })
      : await api.request('/v1/videos', {
          method: 'POST',
          body: form,
          headers: { authorization: `Bearer ${ownKey}` },
        });
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'prompt' });
  expect(api.created).toEqual([]);
});

describe('a field that means nothing here', () => {
  it('is named in the answer, wherever it stood', async () => {
    const { headers, warnings } = await accepted({
      ...good,
      fps: 24,
      metadata: { seed: 1, negativ_prompt: 'x' },
    });
    expect(headers.get('x-clear-ignored-fields')).toBe('fps, metadata.seed, metadata.negativ_prompt');
    expect(headers.get('x-clear-ignored-metadata')).toBe('seed, negativ_prompt');
    expect(warnings).toEqual([
      'fps is not known here and was ignored.',
      'metadata.seed is not known here and was ignored.',
      'metadata.negativ_prompt is not known here and was ignored. Did you mean negative_prompt?',
    ]);
  });

  it.each([
    ['image_url', 'image'],
    ['imageUrl', 'image'],
    ['last_frame', 'image_tail'],
    ['webhook_url', 'callback_url'],
    ['notify_url', 'callback_url'],
    ['resolution', 'size'],
    ['generate_audio', 'sound'],
    ['guidance_scale', 'cfg_scale'],
    ['idempotency_key', 'the header Idempotency-Key'],
  ])('is named with what it is called here, if another service calls it %s', async (name, meant) => {
    expect((await accepted({ ...good, [name]: 'x' })).warnings).toEqual([
      `${name} is not known here and was ignored. Did you mean ${meant}?`,
    ]);
  });

  it.each(['q', 'é', '😀', '$ref'])(
    'is named with no other that it has nothing in common with: %s',
    async (name) => {
      expect((await accepted({ ...good, [name]: 1 })).warnings).toEqual([
        `${name} is not known here and was ignored.`,
      ]);
    },
  );

  it.each([
    ['', '""'],
    [' ', '" "'],
    ['\u200bfps', '"U+200Bfps"'],
    ['\u202espf', '"U+202Espf"'],
    ['fps\u00a0', '"fpsU+00A0"'],
    ['f\nps', '"fU+000Aps"'],
  ])('is named so that one sees it: %j', async (name, shown) => {
    expect((await accepted({ ...good, [name]: 1 })).warnings).toEqual([
      `${shown} is not known here and was ignored.`,
    ]);
  });

  it('is named where it stood in a list, too', async () => {
    const { warnings } = await accepted({ ...omni, image_list: [{ image_url: picture, weight: 1 }] });
    expect(warnings).toEqual(['image_list[0].weight is not known here and was ignored.']);
  });

  it('is named within a picture, too', async () => {
    const { parameters, warnings } = await accepted({
      ...good,
      input_reference: { image_url: picture, detail: 'high' },
    });
    expect(parameters).toMatchObject({ image: picture });
    expect(warnings).toEqual(['input_reference.detail is not known here and was ignored.']);
  });

  it('is named in whole characters', async () => {
    const { warnings } = await accepted({ ...good, [`a${'😀'.repeat(60)}`]: 1 });
    expect(warnings).toEqual([`a${'😀'.repeat(31)} is not known here and was ignored.`]);
  });

  it('is named again to a repeat', async () => {
    const api = createTestApi();
    const send = () => api.submit({ ...good, fps: 24 }, { 'idempotency-key': 'again' });
    const first = await (await send()).json();
    expect(await (await send()).json()).toEqual(first);
  });

  it('is counted where there are very many', async () => {
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`field_${index}`, 1]));
    const { warnings } = await accepted({ ...good, ...many });
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toBe('And 880 more.');
  });

  it('is said of a shape that a picture decides', async () => {
    const { warnings, headers } = await accepted({ ...good, image: picture, aspect_ratio: '1:1' });
    expect(warnings).toEqual(['aspect_ratio was left out: the picture or video that was given decides it.']);
    expect(headers.get('x-clear-ignored-fields')).toBe('metadata.aspect_ratio');
  });
});

describe('OpenAI’s fields on this route', () => {
  it.each([
    ['1280x720', '16:9', 'std'],
    ['720x1280', '9:16', 'std'],
    ['720x720', '1:1', 'std'],
    ['1920x1080', '16:9', 'pro'],
    ['1080x1920', '9:16', 'pro'],
    ['1080x1080', '1:1', 'pro'],
    ['1792x1024', '16:9', 'pro'],
    ['1024x1792', '9:16', 'pro'],
  ])('size %s is %s in %s', async (size, aspect_ratio, mode) => {
    expect((await accepted({ ...good, size })).parameters).toMatchObject({ aspect_ratio, mode });
  });

  it('a size of 4k is made where the model can', async () => {
    const { parameters } = await accepted({ ...omni, size: '3840x2160' });
    expect(parameters).toMatchObject({ aspect_ratio: '16:9', mode: '4k' });
    expect(await refused({ ...good, size: '3840x2160' })).toMatchObject({ param: 'size' });
  });

  it('another size is refused with those that work', async () => {
    const error = await refused({ ...good, size: '640x480' });
    expect(error).toMatchObject({ param: 'size' });
    expect(error.message).toContain('1280x720');
  });

  it.each(['10', 10])('seconds %j is the duration', async (seconds) => {
    expect((await accepted({ ...good, seconds })).parameters).toMatchObject({ duration: '10' });
  });

  it('seconds that the model cannot make are refused, never rounded', async () => {
    const error = await refused({ ...good, seconds: '8' });
    expect(error).toMatchObject({ param: 'seconds' });
    expect(error.message).toMatch(/^seconds .*5 or 10/);
  });

  it.each([
    ['seconds', { seconds: '5', metadata: { duration: 10 } }],
    ['size', { size: '1280x720', metadata: { mode: 'pro' } }],
    ['size', { size: '1280x720', aspect_ratio: '1:1' }],
    ['input_reference', { input_reference: picture, image: other }],
  ])('%s may not say something else than a field of Kling’s', async (param, fields) => {
    expect(await refused({ ...good, ...fields })).toMatchObject({ code: 'invalid_request', param });
  });

  it.each([
    ['a URL', { input_reference: picture }],
    ['an object', { input_reference: { image_url: picture } }],
    ['a list of one', { images: [picture] }],
    ['two names', { input_reference: picture, image: picture }],
  ])('a picture as %s is the first frame', async (_how, fields) => {
    const { task } = await accepted({ ...good, ...fields });
    expect(requestOf(task)).toMatchObject({ action: 'generate', parameters: { image: picture } });
  });

  it('several images are references, on the models that take them', async () => {
    const { parameters } = await accepted({ ...omni, images: [picture, other] });
    expect(parameters?.['image_list']).toEqual([{ image_url: picture }, { image_url: other }]);
    expect(await refused({ ...good, images: [picture, other] })).toMatchObject({ param: 'images' });
  });

  it.each([
    ['input_reference.file_id', { input_reference: { file_id: 'file_1' } }, /none are kept here/],
    ['input_reference', { input_reference: 7 }, /must be a picture/],
    ['images', { images: [7] }, /must be a list of pictures/],
    ['input_reference', { input_reference: 'http://localhost/a.png' }, /not a name on the internet/],
    ['images[1]', { ...omni, images: [picture, 'ftp://a.example/b.png'] }, /http or https URL/],
  ])('%s is refused for what nobody can fetch', async (param, fields, message) => {
    const error = await refused({ ...good, ...fields });
    expect(error).toMatchObject({ param });
    expect(error.message).toMatch(message);
  });
});
