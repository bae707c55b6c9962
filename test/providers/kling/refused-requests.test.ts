import { describe, expect, it } from 'vitest';
import { aPng } from '../../support/pictures.ts';
import {
  clip,
  elements,
  frames,
  type Input,
  lastPicture,
  ownShots,
  picture,
  problems,
  references,
  shots,
  withImage,
} from './prepared-requests.ts';

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
