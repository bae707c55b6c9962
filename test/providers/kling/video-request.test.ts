import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../lib/json.ts';
import { aPng } from '../../support/pictures.ts';
import {
  accepted,
  clip,
  lastPicture,
  ownShots,
  picture,
  problems,
  references,
  sent,
} from './prepared-requests.ts';

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
    expect(pictures).toEqual([{ placeholder: 'asset:0', bytes: aPng() }]);
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
