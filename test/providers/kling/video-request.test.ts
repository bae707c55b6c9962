import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../lib/json.ts';
import type { VideoRequestInput } from '../../../lib/providers/descriptor.ts';
import { prepareVideoRequest } from '../../../lib/providers/kling/video-request.ts';
import type { VideoModel } from '../../../lib/providers/model.ts';
import { registry } from '../../../lib/providers/registry.ts';
import { aPng } from '../../support/pictures.ts';

const now = Date.parse('2026-11-22T00:00:00Z');
const picture = 'https://pictures.example/first.png';
const lastPicture = 'https://pictures.example/last.png';
const clip = 'https://videos.example/clip.mp4';

type Input = Partial<Omit<VideoRequestInput, 'model' | 'serving'>>;

const prepare = (name: string, input: Input = {}) => {
  const resolved = registry.resolveModel(`kling/${name}`, now);
  if (typeof resolved === 'string') throw new Error(`${name} is ${resolved}`);
  const { requested: model, serving } = resolved as Record<keyof typeof resolved, VideoModel>;
  return prepareVideoRequest({ prompt: 'a red kite', model, serving, ...input });
};

const accepted = (name: string, input: Input = {}) => {
  const outcome = prepare(name, input);
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
};
const sent = (name: string, metadata: JsonObject = {}, image?: string): JsonObject =>
  accepted(name, { metadata, image }).request.parameters;

const problems = (name: string, input: Input) => {
  const outcome = prepare(name, input);
  return 'problems' in outcome ? outcome.problems : [];
};

const withImage = { image: picture };
const elements = (count: number): Json =>
  Array.from({ length: count }, (_, index) => ({ element_id: String(index + 1) }));
const references = (count: number): Json =>
  Array.from({ length: count }, (_, index) => ({ image_url: `https://pictures.example/${index}.png` }));
const frames = (...types: string[]): Json => types.map((type) => ({ image_url: picture, type }));
const shots = (...durations: (number | string)[]): Json =>
  durations.map((duration, position) => ({ index: position + 1, prompt: 'a door opens', duration }));
const ownShots = { multi_shot: true, shot_type: 'customize' };

describe('the endpoint', () => {
  it.each([
    ['kling-v3', undefined, {}, 'textGenerate'],
    ['kling-v3', picture, {}, 'generate'],
    ['kling-v2-5-turbo', picture, { image_tail: lastPicture, mode: 'pro' }, 'generate'],
    ['kling-v2-master', undefined, {}, 'textGenerate'],
    ['kling-v3-omni', undefined, {}, 'omniVideo'],
    ['kling-v3-omni', picture, {}, 'omniVideo'],
    ['kling-video-o1', undefined, { image_list: references(2) }, 'omniVideo'],
  ] as const)('for %s with image %s and %j is %s', (name, image, metadata, action) => {
    expect(accepted(name, { image, metadata }).request.action).toBe(action);
  });
});

describe('the model', () => {
  it('is named as Kling names it', () => {
    expect(accepted('kling-v3-omni').request.upstreamModel).toBe('kling-v3-omni');
  });

  it('is the successor of a retired one', () => {
    expect(accepted('kling-v2-1-master').request.upstreamModel).toBe('kling-v2-5-turbo');
  });

  it('keeps its own rules when retired: a mode is sent only if asked for', () => {
    expect(sent('kling-v2-master')).not.toHaveProperty('mode');
    expect(sent('kling-v2-master', { mode: 'std' })).toMatchObject({ mode: 'std' });
    expect(problems('kling-v2-master', { metadata: { mode: '4k' } })).toMatchObject([
      { param: 'metadata.mode' },
    ]);
  });

  it('honours a last picture of a retired model in the mode that its successor needs', () => {
    expect(sent('kling-v2-master', { image_tail: lastPicture }, picture)).toMatchObject({ mode: 'pro' });
  });
});

describe('what is sent', () => {
  it('is in the types that Kling wants, whatever the caller writes', () => {
    expect(sent('kling-v3', { duration: 7, cfg_scale: '0.5', watermark_info: { enabled: 'true' } })).toEqual({
      prompt: 'a red kite',
      mode: 'std',
      duration: '7',
      cfg_scale: 0.5,
      watermark_info: { enabled: true },
    });
  });

  it.each([5, '5', '05'])('takes the duration %j', (duration) => {
    expect(sent('kling-v3', { duration })).toMatchObject({ duration: '5' });
  });

  it('is 5 seconds in the default mode of the model when the caller says nothing', () => {
    expect(sent('kling-v2-5-turbo')).toMatchObject({ mode: 'std', duration: '5' });
    expect(sent('kling-v3-omni')).toMatchObject({ mode: 'pro', duration: '5' });
  });

  it('counts a parameter that is null or an empty list as not given', () => {
    expect(
      sent('kling-v2-5-turbo', { sound: null, image_list: [], element_list: [], camera_control: null }),
    ).toEqual(sent('kling-v2-5-turbo'));
  });

  it('says nothing of sound or shots to a model that knows neither', () => {
    expect(sent('kling-v2-5-turbo', { sound: 'off', multi_shot: false })).toEqual(sent('kling-v2-5-turbo'));
  });

  it('holds the shots with their places and durations as text', () => {
    const multi_prompt = [
      { prompt: 'a door opens', duration: 2 },
      { prompt: 'a hall', duration: '4', index: '2' },
    ];
    expect(sent('kling-v3', { ...ownShots, duration: '6', multi_prompt })).toMatchObject({
      multi_shot: true,
      shot_type: 'customize',
      multi_prompt: [
        { index: 1, prompt: 'a door opens', duration: '2' },
        { index: 2, prompt: 'a hall', duration: '4' },
      ],
    });
  });

  it('keeps the digits of an element id that is longer than a number', () => {
    const element_list = [{ element_id: '867283741759111202' }, { element_id: 160 }];
    expect(sent('kling-v3-omni', { element_list })).toMatchObject({
      element_list: [{ element_id: '867283741759111202' }, { element_id: '160' }],
    });
  });

  it('adds image and image_tail to an omni list behind the pictures that the prompt counts', () => {
    expect(
      sent('kling-v3-omni', { image_list: references(1), image_tail: lastPicture }, picture),
    ).toMatchObject({
      image_list: [
        { image_url: 'https://pictures.example/0.png' },
        { image_url: picture, type: 'first_frame' },
        { image_url: lastPicture, type: 'end_frame' },
      ],
    });
  });

  it.each<[string, string, JsonObject, string | undefined, string | undefined]>([
    ['text', 'kling-v3', { aspect_ratio: '1:1' }, undefined, '1:1'],
    ['text without an aspect ratio', 'kling-v3', {}, undefined, undefined],
    ['omni text without an aspect ratio', 'kling-v3-omni', {}, undefined, '16:9'],
    [
      'omni references',
      'kling-video-o1',
      { image_list: references(1), aspect_ratio: '9:16' },
      undefined,
      '9:16',
    ],
    [
      'a feature video',
      'kling-v3-omni',
      { video_list: [{ video_url: clip, refer_type: 'feature' }] },
      undefined,
      '16:9',
    ],
    ['a picture', 'kling-v3', { aspect_ratio: '1:1' }, picture, undefined],
    ['an omni first frame', 'kling-v3-omni', { aspect_ratio: '1:1' }, picture, undefined],
    [
      'a base video',
      'kling-v3-omni',
      { video_list: [{ video_url: clip }], aspect_ratio: '1:1' },
      undefined,
      undefined,
    ],
  ])('has the shape that Kling takes for %s', (_case, name, metadata, image, ratio) => {
    const { request, ignored } = accepted(name, { metadata, image });
    expect(request.parameters['aspect_ratio']).toBe(ratio);
    expect(ignored).toEqual('aspect_ratio' in metadata && ratio === undefined ? ['aspect_ratio'] : []);
  });

  it('has no duration of its own where a base video gives it', () => {
    const { request, ignored } = accepted('kling-v3-omni', {
      metadata: { video_list: [{ video_url: clip }], duration: 9 },
    });
    expect(request.parameters).not.toHaveProperty('duration');
    expect(ignored).toEqual(['duration']);
  });
});

describe('what is not sent', () => {
  it('names unknown keys, deep ones too', () => {
    const metadata = {
      seed: 1,
      image_list: [{ image_url: picture, weight: 2 }],
      watermark_info: { enabled: true, text: 'x' },
    };
    const { request, ignored } = accepted('kling-v3-omni', { metadata });
    expect(ignored).toEqual(['seed', 'image_list[0].weight', 'watermark_info.text']);
    expect(JSON.stringify(request)).not.toMatch(/seed|weight|"x"/);
  });

  it.each(['model', 'model_name'])('never lets metadata.%s choose the model', (key) => {
    const { request, ignored } = accepted('kling-v3', {
      metadata: { [key]: 'kling-v3-omni' },
      extraFields: [key],
    });
    expect(request.parameters).not.toHaveProperty(key);
    expect(ignored).toEqual([key]);
  });

  it('never holds what an object inherits', () => {
    const metadata = JSON.parse('{"__proto__": {"mode": "4k"}, "constructor": 1, "toString": "x"}');
    const { request, ignored } = accepted('kling-v3', { metadata });
    expect(ignored).toEqual(['__proto__', 'constructor', 'toString']);
    expect(request.parameters).toEqual(sent('kling-v3'));
  });

  it('hands back the reference and the callback URL of the caller', () => {
    const metadata = { external_task_id: 'order-17', callback_url: 'https://client.example/done' };
    const { request, callerReference, callbackUrl } = accepted('kling-v3', {
      metadata,
      extraFields: ['external_task_id', 'callback_url'],
    });
    expect({ callerReference, callbackUrl }).toEqual({
      callerReference: 'order-17',
      callbackUrl: 'https://client.example/done',
    });
    expect(request.parameters).toEqual(sent('kling-v3'));
  });
});

it('passes on a field that the deployment allows, as it came', () => {
  const { request, ignored } = accepted('kling-v3', {
    metadata: { motion_blur: { strength: 3 }, seed: 1 },
    extraFields: ['motion_blur'],
  });
  expect(request.parameters).toMatchObject({ motion_blur: { strength: 3 } });
  expect(ignored).toEqual(['seed']);
});

describe('pictures as base64', () => {
  const base64 = aPng().toString('base64');

  it.each([
    ['bare', base64],
    ['as a data URL', `data:image/png;base64,${base64}`],
    ['in lines', base64.replace(/(.{20})/g, '$1\r\n')],
  ])('given %s are kept aside, a placeholder in their place', (_case, image) => {
    const { request, pictures } = accepted('kling-v3', { image });
    expect(request.parameters['image']).toBe('asset:0');
    expect(pictures).toEqual([{ placeholder: 'asset:0', bytes: aPng(), contentType: 'image/png' }]);
  });

  it('are taken wherever a picture may stand', () => {
    const { request, pictures } = accepted('kling-v3-omni', {
      image: base64,
      metadata: { image_tail: base64, image_list: [{ image_url: base64 }] },
    });
    expect(request.parameters['image_list']).toEqual([
      { image_url: 'asset:0' },
      { image_url: 'asset:1', type: 'first_frame' },
      { image_url: 'asset:2', type: 'end_frame' },
    ]);
    expect(pictures.map(({ placeholder }) => placeholder)).toEqual(['asset:0', 'asset:1', 'asset:2']);
  });
});

describe('a refused request', () => {
  const rows: [string, Input, string, RegExp][] = [
    // the fields beside metadata
    ['kling-v3', { prompt: '' }, 'prompt', /not be blank/],
    ['kling-v3', { prompt: ' \n\t' }, 'prompt', /not be blank/],
    ['kling-v3', { prompt: undefined }, 'prompt', /needed/],
    ['kling-v3', { prompt: 5 }, 'prompt', /must be text/],
    ['kling-v3', { prompt: 'x'.repeat(2_501) }, 'prompt', /longer than 2500/],
    ['kling-v3', { metadata: ['x'] }, 'metadata', /object/],
    ['kling-v3', { metadata: 'x' }, 'metadata', /object/],
    ['kling-v3', { metadata: { prompt: 'x' } }, 'metadata.prompt', /beside metadata/],
    ['kling-v3', { metadata: { image: picture } }, 'metadata.image', /beside metadata/],
    // pictures
    ['kling-v3', { image: 5 }, 'image', /must be text/],
    ['kling-v3', { image: '' }, 'image', /URL, or a PNG or JPEG/],
    ['kling-v3', { image: 'ftp://pictures.example/a.png' }, 'image', /URL/],
    ['kling-v3', { image: 'asset:0' }, 'image', /URL/],
    ['kling-v3', { image: 'http://localhost/a.png' }, 'image', /localhost is not a name on the internet/],
    ['kling-v3', { image: 'http://127.1/a.png' }, 'image', /127\.0\.0\.1 is not a name/],
    ['kling-v3', { image: 'http://printer/a.png' }, 'image', /printer is not a name/],
    ['kling-v3', { image: 'https://me:secret@pictures.example/a.png' }, 'image', /user name or password/],
    ['kling-v3', { image: `${picture}?${'x'.repeat(8_192)}` }, 'image', /longer than the 8192/],
    [
      'kling-v3',
      { image: Buffer.from('GIF89a, a GIF').toString('base64') },
      'image',
      /neither a PNG nor a JPEG/,
    ],
    ['kling-v3', { image: aPng({ width: 299 }).toString('base64') }, 'image', /299×360.*300/],
    ['kling-v3', { image: aPng({ width: 901 }).toString('base64') }, 'image', /901×360.*2\.5/],
    ['kling-v3', { image: `data:image/svg+xml,<svg/>` }, 'image', /URL, or a PNG or JPEG/],
    // single values
    ['kling-v3', { metadata: { mode: 'standard' } }, 'metadata.mode', /std, pro or 4k/],
    ['kling-v3', { metadata: { aspect_ratio: '4:3' } }, 'metadata.aspect_ratio', /16:9, 9:16 or 1:1/],
    ['kling-v3', { ...withImage, metadata: { aspect_ratio: '4:3' } }, 'metadata.aspect_ratio', /16:9/],
    ['kling-v3', { metadata: { duration: '5s' } }, 'metadata.duration', /whole number of seconds/],
    ['kling-v3', { metadata: { duration: 5.5 } }, 'metadata.duration', /whole number of seconds/],
    ['kling-v3', { metadata: { duration: -5 } }, 'metadata.duration', /whole number of seconds/],
    ['kling-v3', { metadata: { duration: true } }, 'metadata.duration', /whole number of seconds/],
    ['kling-v3', { metadata: { cfg_scale: 1.1 } }, 'metadata.cfg_scale', /from 0 to 1/],
    ['kling-v3', { metadata: { cfg_scale: '-0.1' } }, 'metadata.cfg_scale', /from 0 to 1/],
    ['kling-v3', { metadata: { negative_prompt: 'x'.repeat(2_501) } }, 'metadata.negative_prompt', /2500/],
    ['kling-v3', { metadata: { sound: true } }, 'metadata.sound', /on or off/],
    ['kling-v3', { metadata: { watermark_info: true } }, 'metadata.watermark_info', /object/],
    [
      'kling-v3',
      { metadata: { watermark_info: { enabled: 1 } } },
      'metadata.watermark_info.enabled',
      /true or false/,
    ],
    ['kling-v3', { metadata: { multi_shot: 'yes' } }, 'metadata.multi_shot', /true or false/],
    ['kling-v3', { metadata: { external_task_id: '' } }, 'metadata.external_task_id', /empty/],
    ['kling-v3', { metadata: { external_task_id: 'x'.repeat(256) } }, 'metadata.external_task_id', /255/],
    ['kling-v3', { metadata: { external_task_id: 17 } }, 'metadata.external_task_id', /text/],
    ['kling-v3', { metadata: { callback_url: 17 } }, 'metadata.callback_url', /text/],
    // what a model cannot
    ['kling-v2-5-turbo', { metadata: { mode: '4k' } }, 'metadata.mode', /makes std or pro/],
    ['kling-v2-5-turbo', { metadata: { duration: 7 } }, 'metadata.duration', /5 or 10 seconds/],
    ['kling-v2-6', { metadata: { duration: 3 } }, 'metadata.duration', /5 or 10 seconds/],
    ['kling-v3', { metadata: { duration: 2 } }, 'metadata.duration', /3 to 15 seconds/],
    ['kling-v3-omni', { metadata: { duration: 16 } }, 'metadata.duration', /3 to 15 seconds/],
    [
      'kling-video-o1',
      { metadata: { duration: 7 } },
      'metadata.duration',
      /5 or 10 seconds from a prompt or a first frame/,
    ],
    ['kling-video-o1', { ...withImage, metadata: { duration: 7 } }, 'metadata.duration', /5 or 10/],
    [
      'kling-video-o1',
      { metadata: { duration: 11, image_list: references(1) } },
      'metadata.duration',
      /3 to 10/,
    ],
    [
      'kling-v2-5-turbo',
      { metadata: { sound: 'on' } },
      'metadata.sound',
      /silent videos only.*kling\/kling-v2-6/,
    ],
    ['kling-video-o1', { metadata: { sound: 'on' } }, 'metadata.sound', /silent/],
    ['kling-v2-6', { metadata: { sound: 'on' } }, 'metadata.sound', /cannot be on in mode std.*mode pro/],
    ['kling-v2-6', { metadata: { sound: 'on', mode: 'std' } }, 'metadata.sound', /mode pro/],
    [
      'kling-v2-6',
      { ...withImage, metadata: { sound: 'on', mode: 'pro', image_tail: lastPicture } },
      'metadata.sound',
      /silent/,
    ],
    [
      'kling-v3-omni',
      { metadata: { sound: 'on', video_list: [{ video_url: clip }] } },
      'metadata.sound',
      /off together with video_list/,
    ],
    [
      'kling-v2-5-turbo',
      { ...withImage, metadata: { image_tail: lastPicture } },
      'metadata.image_tail',
      /needs mode pro/,
    ],
    [
      'kling-v2-master',
      { ...withImage, metadata: { image_tail: lastPicture, mode: 'std' } },
      'metadata.image_tail',
      /needs mode pro/,
    ],
    ['kling-v3', { metadata: { image_tail: lastPicture } }, 'metadata.image_tail', /needs a first picture/],
    [
      'kling-v3-omni',
      { metadata: { image_tail: lastPicture } },
      'metadata.image_tail',
      /needs a first picture/,
    ],
    [
      'kling-v3',
      { metadata: { camera_control: { type: 'simple' } } },
      'metadata.camera_control',
      /no model.*prompt/,
    ],
    ['kling-v3', { ...withImage, metadata: { static_mask: picture } }, 'metadata.static_mask', /no model/],
    ['kling-v3', { ...withImage, metadata: { dynamic_masks: [{}] } }, 'metadata.dynamic_masks', /no model/],
    // fields of another endpoint
    ['kling-v3', { metadata: { image_list: references(1) } }, 'metadata.image_list', /kling-v3-omni/],
    ['kling-v3', { metadata: { video_list: [{ video_url: clip }] } }, 'metadata.video_list', /kling-v3-omni/],
    ['kling-v3-omni', { metadata: { negative_prompt: 'rain' } }, 'metadata.negative_prompt', /not taken by/],
    ['kling-v3-omni', { metadata: { cfg_scale: 0.5 } }, 'metadata.cfg_scale', /not taken by/],
    [
      'kling-v3',
      { metadata: { element_list: elements(1) } },
      'metadata.element_list',
      /together with a picture/,
    ],
    [
      'kling-v2-6',
      { ...withImage, metadata: { element_list: elements(1) } },
      'metadata.element_list',
      /kling\/kling-v3/,
    ],
    [
      'kling-v3',
      { ...withImage, metadata: { element_list: elements(4) } },
      'metadata.element_list',
      /at most 3/,
    ],
    [
      'kling-v3',
      { ...withImage, metadata: { element_list: [{ element_id: 2 ** 60 }] } },
      'metadata.element_list[0].element_id',
      /quotes/,
    ],
    [
      'kling-v3',
      { ...withImage, metadata: { element_list: [{ element_id: '1e9' }] } },
      'metadata.element_list[0].element_id',
      /19 digits/,
    ],
    [
      'kling-v3',
      { ...withImage, metadata: { element_list: [{ element_id: '-1' }] } },
      'metadata.element_list[0].element_id',
      /19 digits/,
    ],
    [
      'kling-v3',
      { ...withImage, metadata: { voice_list: [{ voice_id: '1' }] } },
      'metadata.voice_list',
      /kling-v2-6/,
    ],
    [
      'kling-v2-6',
      { metadata: { voice_list: [{ voice_id: '1' }] } },
      'metadata.voice_list',
      /together with a picture/,
    ],
    [
      'kling-v2-6',
      { ...withImage, metadata: { voice_list: [{ voice_id: '1' }] } },
      'metadata.voice_list',
      /mode pro/,
    ],
    [
      'kling-v2-6',
      { ...withImage, metadata: { voice_list: [{ voice_id: '1' }], mode: 'pro' } },
      'metadata.voice_list',
      /sound on/,
    ],
    [
      'kling-v2-6',
      {
        ...withImage,
        metadata: { voice_list: [1, 2, 3].map((id) => ({ voice_id: id })), mode: 'pro', sound: 'on' },
      },
      'metadata.voice_list',
      /at most 2/,
    ],
    // shots
    ['kling-v2-6', { metadata: { multi_shot: true } }, 'metadata.multi_shot', /one shot only/],
    [
      'kling-video-o1',
      { metadata: { multi_shot: true, shot_type: 'intelligence' } },
      'metadata.multi_shot',
      /one shot only/,
    ],
    ['kling-v3', { metadata: { multi_shot: true } }, 'metadata.shot_type', /needed with multi_shot/],
    ['kling-v3', { metadata: { shot_type: 'customize' } }, 'metadata.shot_type', /needs multi_shot true/],
    ['kling-v3', { metadata: { multi_prompt: shots(5) } }, 'metadata.multi_prompt', /needs multi_shot true/],
    [
      'kling-v3',
      { metadata: { multi_shot: true, shot_type: 'intelligence', multi_prompt: shots(5) } },
      'metadata.multi_prompt',
      /customize/,
    ],
    ['kling-v3', { metadata: ownShots }, 'metadata.multi_prompt', /needed/],
    [
      'kling-v3',
      { metadata: { ...ownShots, multi_prompt: shots(2, '4') } },
      'metadata.multi_prompt',
      /6 seconds together, but duration is 5/,
    ],
    [
      'kling-v3',
      { metadata: { ...ownShots, multi_prompt: shots(1, 1, 1, 1, 1, 1, 1), duration: 7 } },
      'metadata.multi_prompt',
      /at most 6/,
    ],
    [
      'kling-v3',
      { metadata: { ...ownShots, multi_prompt: shots(0, 5) } },
      'metadata.multi_prompt[0].duration',
      /at least 1/,
    ],
    [
      'kling-v3',
      { metadata: { ...ownShots, multi_prompt: [{ prompt: ' ', duration: 5 }] } },
      'metadata.multi_prompt[0].prompt',
      /blank/,
    ],
    [
      'kling-v3',
      { metadata: { ...ownShots, multi_prompt: [{ prompt: 'x'.repeat(513), duration: 5 }] } },
      'metadata.multi_prompt[0].prompt',
      /512/,
    ],
    [
      'kling-v3',
      { metadata: { ...ownShots, multi_prompt: [{ prompt: 'x', duration: 5, index: 2 }] } },
      'metadata.multi_prompt',
      /indexes 1 to 1/,
    ],
    [
      'kling-v3-omni',
      { metadata: { multi_shot: true, shot_type: 'intelligence', video_list: [{ video_url: clip }] } },
      'metadata.multi_shot',
      /base video/,
    ],
    [
      'kling-v3-omni',
      {
        metadata: {
          ...ownShots,
          multi_prompt: shots(5),
          video_list: [{ video_url: clip, refer_type: 'feature' }],
        },
      },
      'metadata.shot_type',
      /intelligence together with video_list/,
    ],
    // how omni inputs go together
    ['kling-v3-omni', { metadata: { image_list: {} } }, 'metadata.image_list', /must be a list/],
    [
      'kling-v3-omni',
      { metadata: { image_list: [{ image_url: picture, type: 'middle' }] } },
      'metadata.image_list[0].type',
      /first_frame or end_frame/,
    ],
    [
      'kling-v3-omni',
      { metadata: { image_list: [{ url: picture }] } },
      'metadata.image_list[0].image_url',
      /must be text/,
    ],
    [
      'kling-v3-omni',
      { metadata: { image_list: frames('end_frame') } },
      'metadata.image_list',
      /without a first_frame/,
    ],
    [
      'kling-v3-omni',
      { metadata: { image_list: frames('first_frame', 'first_frame') } },
      'metadata.image_list',
      /one first_frame/,
    ],
    [
      'kling-v3-omni',
      { ...withImage, metadata: { image_list: frames('first_frame') } },
      'metadata.image_list',
      /none beside image/,
    ],
    [
      'kling-v3-omni',
      { ...withImage, metadata: { image_tail: lastPicture, image_list: frames('end_frame') } },
      'metadata.image_list',
      /none beside image_tail/,
    ],
    [
      'kling-v3-omni',
      { metadata: { video_list: [{ video_url: 'AAAA' }] } },
      'metadata.video_list[0].video_url',
      /URL/,
    ],
    [
      'kling-v3-omni',
      { metadata: { video_list: [{ video_url: clip }, { video_url: clip }] } },
      'metadata.video_list',
      /at most 1/,
    ],
    [
      'kling-v3-omni',
      { metadata: { video_list: [{ video_url: clip, keep_original_sound: true }] } },
      'metadata.video_list[0].keep_original_sound',
      /yes or no/,
    ],
    [
      'kling-v3-omni',
      { ...withImage, metadata: { video_list: [{ video_url: clip }] } },
      'metadata.video_list',
      /base video, which excludes/,
    ],
    [
      'kling-v3-omni',
      { metadata: { image_list: references(5), element_list: elements(3) } },
      'metadata.image_list',
      /8 pictures and elements.*at most 7/,
    ],
    [
      'kling-v3-omni',
      {
        metadata: { image_list: references(3), element_list: elements(2), video_list: [{ video_url: clip }] },
      },
      'metadata.image_list',
      /at most 4 beside a video/,
    ],
    [
      'kling-v3-omni',
      { ...withImage, metadata: { element_list: elements(4) } },
      'metadata.element_list',
      /at most 3 elements beside a first frame/,
    ],
    [
      'kling-video-o1',
      { ...withImage, metadata: { image_tail: lastPicture, element_list: elements(1) } },
      'metadata.element_list',
      /at most 0 elements beside an end frame/,
    ],
    [
      'kling-video-o1',
      { ...withImage, metadata: { image_tail: lastPicture, image_list: references(1) } },
      'metadata.image_list',
      /more pictures than the 2/,
    ],
  ];

  it.each(rows)('%s %j: %s', (name, input, param, message) => {
    expect(problems(name, input)).toMatchObject([{ param, message: expect.stringMatching(message) }]);
  });

  it('names everything that is wrong, and nothing that only follows from it', () => {
    const outcome = problems('kling-v2-6', {
      prompt: ' ',
      image: 'nonsense!',
      metadata: {
        mode: 'fast',
        duration: 'long',
        sound: 'on',
        image_tail: lastPicture,
        camera_control: {},
        image_list: references(1),
      },
    });
    expect(outcome.map(({ param }) => param)).toEqual([
      'prompt',
      'image',
      'metadata.mode',
      'metadata.duration',
      'metadata.image_list',
      'metadata.camera_control',
    ]);
  });
});

describe('an accepted request', () => {
  const rows: [string, Input][] = [
    ['kling-v3', { prompt: '𝒳'.repeat(2_500) }],
    ['kling-v3', { prompt: '', metadata: { ...ownShots, multi_prompt: shots(5) } }],
    ['kling-v3', { metadata: { mode: '4k', sound: 'on', duration: 15 } }],
    ['kling-v3', { metadata: { multi_shot: 'true', shot_type: 'intelligence', duration: '3' } }],
    ['kling-v3', { ...withImage, metadata: { element_list: elements(3), image_tail: lastPicture } }],
    ['kling-v2-6', { metadata: { sound: 'on', mode: 'pro', duration: '10' } }],
    ['kling-v2-6', { ...withImage, metadata: { sound: 'off', mode: 'pro', image_tail: lastPicture } }],
    ['kling-v2-6', { ...withImage, metadata: { sound: 'on', mode: 'pro', voice_list: [{ voice_id: 8 }] } }],
    ['kling-v2-1-master', { metadata: { negative_prompt: 'rain', cfg_scale: 1 } }],
    ['kling-video-o1', { metadata: { duration: 3, image_list: references(7) } }],
    [
      'kling-video-o1',
      { metadata: { duration: 4, video_list: [{ video_url: clip, refer_type: 'feature' }] } },
    ],
    ['kling-video-o1', { ...withImage, metadata: { duration: 9, image_tail: lastPicture, mode: 'std' } }],
    ['kling-v3-omni', { ...withImage, metadata: { image_tail: lastPicture, element_list: elements(3) } }],
    [
      'kling-v3-omni',
      { metadata: { mode: '4k', video_list: [{ video_url: clip, keep_original_sound: 'yes' }] } },
    ],
    [
      'kling-v3-omni',
      {
        metadata: { image_list: references(2), element_list: elements(2), video_list: [{ video_url: clip }] },
      },
    ],
    [
      'kling-v3-omni',
      {
        metadata: { image_list: frames('first_frame', 'end_frame'), ...ownShots, multi_prompt: shots(2, 3) },
      },
    ],
    ['kling-v3', { image: 'http://127.0.0.1:9/a.png', allowPrivateUrls: true }],
  ];

  it.each(rows)('%s %j', (name, input) => {
    expect(problems(name, input)).toEqual([]);
  });
});
