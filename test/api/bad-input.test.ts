import { describe, expect, it } from 'vitest';
import { createTestApi, errorOf, foreignKey, ownUrl } from '../support/api.ts';
import { aPng } from '../support/pictures.ts';
import { refusal } from '../support/refusal.ts';

const videos = '/v1/video/generations';
const good = { model: 'kling/kling-v3', prompt: 'rain on a tin roof' };
const omni = { ...good, model: 'kling/kling-v3-omni' };
const picture = 'https://pictures.example.com/a.png';
const withMetadata = (metadata: unknown, model = good.model) => ({ ...good, model, metadata });
const withCallback = (callback_url: string) => ({ ...good, callback_url });
const shots = (...durations: number[]) =>
  durations.map((duration, place) => ({ index: place + 1, prompt: 'a door opens', duration }));

describe('a video request that cannot be honoured', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['no prompt', { model: good.model }, 'prompt', /prompt is needed/],
    ['a blank prompt', { ...good, prompt: ' \n\t' }, 'prompt', /must not be blank/],
    [
      'a prompt that nobody can see',
      { ...good, prompt: '\u200b \u0001\ufeff' },
      'prompt',
      /must not be blank/,
    ],
    [
      'a shot that nobody can see',
      {
        model: 'kling/kling-v3',
        metadata: {
          multi_shot: true,
          shot_type: 'customize',
          multi_prompt: [{ index: 1, prompt: '\u2060', duration: 5 }],
        },
      },
      'metadata.multi_prompt[0].prompt',
      /must not be blank/,
    ],
    ['a prompt of another type', { ...good, prompt: 7 }, 'prompt', /must be text/],
    ['a prompt of 2,501 characters', { ...good, prompt: 'é'.repeat(2_501) }, 'prompt', /2500/],
    ['no model', { prompt: 'rain' }, 'model', /model must be the id of a video model/],
    ['a model of another type', { ...good, model: ['kling/kling-v3'] }, 'model', /must be the id/],
    ['an image of another type', { ...good, image: { url: picture } }, 'image', /must be text/],
    ['an image that is neither URL nor base64', { ...good, image: 'a cat!' }, 'image', /must be an http/],
    ['base64 that is no picture', { ...good, image: 'aGVsbG8=' }, 'image', /neither a PNG nor a JPEG/],
    [
      'a picture that is too small',
      { ...good, image: aPng({ width: 20, height: 20 }).toString('base64') },
      'image',
      /20×20 pixels/,
    ],
    ['an image at home', { ...good, image: 'http://localhost/a.png' }, 'image', /not a name on the internet/],
    ['metadata that is a list', withMetadata([1]), 'metadata', /must be an object/],
    ['metadata that is text', withMetadata('{"mode":"pro"}'), 'metadata', /leave out the quotes/],
    [
      'a list that is text',
      { ...omni, metadata: { image_list: `[{"image_url":"${picture}"}]` } },
      'metadata.image_list',
      /^metadata\.image_list must be a list itself, not text that holds one: leave out the quotes around it\.$/,
    ],
    [
      'an object that is text',
      withMetadata({ watermark_info: '{"enabled":true}' }),
      'metadata.watermark_info',
      /must be an object itself/,
    ],
    [
      'events that are text',
      { ...withCallback('https://a.example.com'), callback_events: '["video.failed"]' },
      'callback_events',
      /^callback_events must be a list itself/,
    ],
    [
      'a picture URL with a space',
      { ...good, image: 'https://a.example.com/my cat.png' },
      'image',
      /a space/,
    ],
    [
      'a picture URL with a line break',
      { ...good, image: `${picture}\n` },
      'image',
      /line break.* at its end/,
    ],
    [
      'base64 whose pluses became spaces',
      { ...good, image: aPng().toString('base64').replace('A', ' ') },
      'image',
      /holds spaces.*form decoder/,
    ],
    ['a picture URL of one slash', { ...good, image: 'https:/a.example.com/a.png' }, 'image', /two slashes/],
    ['a picture of a host without name', { ...good, image: 'https://a..b/c.png' }, 'image', /no host/],
    ['a count that is a list', { ...good, n: [1] }, 'n', /must be 1/],
    [
      'a file beside a picture',
      { ...good, input_reference: { image_url: picture, file_id: 'file_1' } },
      'input_reference.file_id',
      /none are kept here/,
    ],
    ['base64 that was cut off', { ...good, image: 'aGVsb' }, 'image', /cut off or padded wrongly/],
    ['base64 with padding amiss', { ...good, image: 'aGVsbG8==' }, 'image', /cut off or padded wrongly/],
    ['base64 for URLs', { ...good, image: 'aGVs_G8=' }, 'image', /"\+" and "\/" in place of "-" and "_"/],
    [
      'a prompt that is a number of many digits',
      '{"model":"kling/kling-v3","prompt":12345678901234567890}',
      'prompt',
      /must be text/,
    ],
    [
      'a field that stands there twice',
      '{"model":"kling/kling-v3","prompt":"x","duration":5,"d\\u0075ration":10}',
      'duration',
      /more than once/,
    ],
    [
      'a field of a list that stands there twice',
      `{"model":"kling/kling-v3-omni","prompt":"x","metadata":{"image_list":[{},{"image_url":"${picture}","image_url":"${picture}"}]}}`,
      'metadata.image_list[1].image_url',
      /more than once/,
    ],
    ['the character of UTF-16', { ...good, prompt: 'r\0a\0' }, 'prompt', /U\+0000/],
    ['a prompt of empty braille', { ...good, prompt: '\u2800\u3164\ufe0f' }, 'prompt', /must not be blank/],
    ['an unknown mode', withMetadata({ mode: 'ultra' }), 'metadata.mode', /std, pro or 4k/],
    [
      '4k where there is none',
      withMetadata({ mode: '4k' }, 'kling/kling-v2-6'),
      'metadata.mode',
      /std or pro/,
    ],
    ['an unknown shape', withMetadata({ aspect_ratio: '4:3' }), 'metadata.aspect_ratio', /16:9, 9:16 or 1:1/],
    ['a duration of 5.5', withMetadata({ duration: 5.5 }), 'metadata.duration', /whole number of seconds/],
    ['a duration that is no number', withMetadata({ duration: 'five' }), 'metadata.duration', /whole number/],
    [
      'a duration that the model has not',
      withMetadata({ duration: 7 }, 'kling/kling-v2-6'),
      'metadata.duration',
      /5 or 10 seconds/,
    ],
    ['a cfg_scale of 2', withMetadata({ cfg_scale: 2 }), 'metadata.cfg_scale', /from 0 to 1/],
    [
      'sound on a silent model',
      withMetadata({ sound: 'on' }, 'kling/kling-v2-5-turbo'),
      'metadata.sound',
      /silent videos only. Use kling\/kling-v2-6/,
    ],
    [
      'sound in a silent mode',
      withMetadata({ sound: 'on', mode: 'std' }, 'kling/kling-v2-6'),
      'metadata.sound',
      /in mode pro/,
    ],
    [
      'image_list on another model',
      withMetadata({ image_list: [{ image_url: picture }] }),
      'metadata.image_list',
      /Use kling\/kling-video-o1 or kling\/kling-v3-omni/,
    ],
    [
      'video_list on another model',
      withMetadata({ video_list: [{ video_url: 'https://videos.example.com/a.mp4' }] }),
      'metadata.video_list',
      /is not taken by kling\/kling-v3/,
    ],
    [
      'a picture in a list that is broken',
      { ...omni, metadata: { image_list: [{ image_url: picture }, { image_url: 5 }] } },
      'metadata.image_list[1].image_url',
      /must be text/,
    ],
    [
      'negative_prompt on an omni model',
      { ...omni, metadata: { negative_prompt: 'fog' } },
      'metadata.negative_prompt',
      /is not taken by kling\/kling-v3-omni/,
    ],
    [
      'several shots on a model of one shot',
      withMetadata({ multi_shot: true }, 'kling/kling-video-o1'),
      'metadata.multi_shot',
      /one shot only/,
    ],
    [
      'shots that do not add up',
      withMetadata({ multi_shot: true, shot_type: 'customize', multi_prompt: shots(2, 2), duration: 5 }),
      'metadata.multi_prompt',
      /4 seconds together, but duration is 5/,
    ],
    [
      'shots without a shot type',
      withMetadata({ multi_shot: true, multi_prompt: shots(5) }),
      'metadata.shot_type',
      /customize/,
    ],
    [
      'an end frame alone',
      withMetadata({ image_tail: picture, mode: 'pro' }),
      'metadata.image_tail',
      /needs a first picture/,
    ],
    [
      'a camera control',
      withMetadata({ camera_control: { type: 'simple' } }),
      'metadata.camera_control',
      /prompt/,
    ],
    ['the prompt in metadata', withMetadata({ prompt: 'a cat' }), 'metadata.prompt', /beside metadata/],
    ['expires_after of 59', { ...good, expires_after: 59 }, 'expires_after', /60 to 86400/],
    [
      'expires_after in words',
      { ...good, expires_after: 'soon' },
      'expires_after',
      /whole number of seconds/,
    ],
    ['expires_after as text of 59', { ...good, expires_after: '59' }, 'expires_after', /60 to 86400/],
    ['an empty model', { ...good, model: '' }, 'model', /must be the id/],
    ['a callback URL of another type', { ...good, callback_url: 5 }, 'callback_url', /must be a URL/],
    [
      'no events',
      { ...withCallback('https://a.example.com'), callback_events: [] },
      'callback_events',
      /at least/,
    ],
    [
      'events without a URL',
      { ...good, callback_events: ['video.failed'] },
      'callback_events',
      /callback_url/,
    ],
    [
      'an unknown event',
      { ...withCallback('https://a.example.com'), callback_events: ['video.failed', 'video.made'] },
      'callback_events[1]',
      /video\.completed/,
    ],
    [
      'two different callback URLs',
      { ...withCallback('https://a.example.com'), metadata: { callback_url: 'https://b.example.com' } },
      'callback_url',
      /different values/,
    ],
    [
      'a bad callback URL in metadata',
      withMetadata({ callback_url: 'http://a.example.com' }),
      'metadata.callback_url',
      /must use https/,
    ],
  ])('is refused for %s', async (_what, body, param, message) => {
    const error = await refusal(body);
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param });
    expect(error.message).toMatch(message);
  });

  it.each([
    ['example', 'must be a complete URL'],
    ['https://hooks.example.com/a b', 'must not contain a space, but has one after 27 characters'],
    ['https://hooks.example.com/a\n', 'must not contain a line break, but has one at its end'],
    ['\thttps://hooks.example.com/', 'must not contain a tab, but has one at its beginning'],
    ['https://hooks.exa\nmple.com/', 'must not contain a line break'],
    ['https://hooks.example.com/\u200b', 'must not contain an invisible character'],
    ['http://hooks.example.com', 'must use https'],
    ['ftp://hooks.example.com', 'must be an https URL'],
    ['javascript:alert(1)', 'must be an https URL'],
    ['https://user:pass@hooks.example.com', 'must not contain a user name'],
    ['https://hooks.example.com/#part', 'must not contain a fragment'],
    ['https://hooks.example.com:6000', 'must not use this port'],
    ['https://localhost/hook', 'must name a public host'],
    ['https://printer.local/hook', 'must name a public host'],
    ['https://intranet/hook', 'must name a public host'],
    ['https://127.0.0.1/hook', 'must not point at a private'],
    ['https://10.1.2.3/hook', 'must not point at a private'],
    ['https://169.254.169.254/latest/meta-data', 'must not point at a private'],
    ['https://2130706433/hook', 'must not point at a private'],
    ['https://[::1]/hook', 'must not point at a private'],
    ['https://[::ffff:10.0.0.1]/hook', 'must not point at a private'],
    [`https://hooks.example.com/${'a'.repeat(2_048)}`, 'must not be longer than 2048'],
  ])('may not send its callback to %.60s', async (url, rule) => {
    const error = await refusal(withCallback(url));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'callback_url' });
    expect(error.message).toContain(`callback_url ${rule}`);
  });

  it('may not send its callback to the gateway itself', async () => {
    const error = await refusal(withCallback(`${ownUrl}/hooks/kling/x/y`));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'callback_url' });
    expect(error.message).toContain('gateway itself');
  });

  it('is told of everything that is wrong at once', async () => {
    const error = await refusal({
      model: 'kling/kling-v2-6',
      prompt: '',
      image: 5,
      metadata: { mode: 'ultra', duration: 'x' },
      callback_url: 'http://a.example.com',
      expires_after: 1,
    });
    expect(error).toMatchObject({ status: 400, param: 'prompt' });
    const fields = ['prompt', 'image', 'metadata.mode', 'metadata.duration', 'expires_after', 'callback_url'];
    for (const field of fields) expect(error.message).toContain(`${field} `);
  });

  it('is told of everything that is wrong although it names no model', async () => {
    const error = await refusal({
      image: 5,
      metadata: { mode: 'ultra' },
      callback_url: 'http://a.example.com',
      expires_after: 'soon',
    });
    expect(error).toMatchObject({ status: 400, param: 'model' });
    for (const field of ['model', 'prompt', 'image', 'metadata.mode', 'expires_after', 'callback_url'])
      expect(error.message).toContain(`${field} `);
  });
});

describe('a model that cannot be had', () => {
  it.each([
    ['unknown', 'kling/kling-v9'],
    ['of another namespace', 'openai/kling-v3'],
    ['a property of every object', 'constructor'],
    ['of endless length', 'k'.repeat(100_000)],
  ])('is answered 404 when it is %s', async (_what, model) => {
    const error = await refusal({ ...good, model });
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(error.message.length).toBeLessThan(300);
  });

  it('is answered 400 when it makes images', async () => {
    const error = await refusal({ ...good, model: 'openai/gpt-image-2' });
    expect(error).toMatchObject({ status: 400, code: 'api_not_implemented', param: 'model' });
    expect(error.message).toContain('/v1/images/generations');
  });

  it('is answered 503 that SDKs do not repeat when the gateway has no account', async () => {
    const api = createTestApi({ providers: { videoProviders: new Set<string>() } });
    const response = await api.submit(good);
    expect(response.status).toBe(503);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await errorOf(response)).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(api.created).toEqual([]);
  });
});

describe('an Idempotency-Key that cannot be used', () => {
  it.each([
    ['empty', ''],
    ['longer than 255 characters', 'k'.repeat(256)],
    ['a control character', 'a\x01b'],
  ])('is answered 400 when it is %s', async (_what, key) => {
    const error = await refusal(good, { 'idempotency-key': key });
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'Idempotency-Key' });
  });
});

describe('a task id that is not the caller’s', () => {
  const paths = ['', '/content', '/deliveries'].map((end) => ['GET', end] as const);
  const actions = ['/cancel', '/deliveries'].map((end) => ['POST', end] as const);

  it.each([...paths, ...actions])('is answered 404 by %s …{task_id}%s', async (method, end) => {
    const api = createTestApi();
    const answer = await api.submit(good, { authorization: `Bearer ${foreignKey}` });
    const { id: foreign } = (await answer.json()) as { id: string };
    const ids = [
      foreign,
      `task_${'0'.repeat(32)}`,
      'task_short',
      '..',
      '%2e%2e',
      `task_${'0'.repeat(31)}%00`,
      '__proto__',
    ];
    for (const id of ids) {
      const path = `${videos}/${id}${end}`;
      const response = method === 'GET' ? await api.get(path) : await api.post(path);
      const error = await errorOf(response);
      expect({ id, status: response.status }).toEqual({ id, status: 404 });
      expect(['task_not_found', 'not_found']).toContain(error.code);
    }
    expect(await api.tasks.find(foreign)).toMatchObject({ state: 'queued', version: 1 });
  });
});
