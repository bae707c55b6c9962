import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../lib/json.ts';
import { createBody } from '../../../lib/providers/kling/create-body.ts';
import { klingModels } from '../../../lib/providers/kling/models.ts';
import { prepareVideoRequest } from '../../../lib/providers/kling/video-request.ts';
import type { VideoModel } from '../../../lib/providers/model.ts';
import type { VideoAction } from '../../../lib/providers/provider.ts';
import { registry } from '../../../lib/providers/registry.ts';
import { refusalOf } from '../../../local/fakes/kling-rules.ts';
import type { Kind } from '../../../local/fakes/kling-tasks.ts';
import { aPng } from '../../support/pictures.ts';

const kindOf: Record<VideoAction, Kind> = {
  textGenerate: 'text2video',
  generate: 'image2video',
  omniVideo: 'omni-video',
};

const now = Date.parse('2026-11-22T00:00:00Z');
const bytes = aPng();
const picture = fc.constantFrom('https://pictures.example/a.png', bytes.toString('base64'));
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 1 });
const seconds = fc.integer({ min: 1, max: 16 }).chain((value) => fc.constantFrom<Json>(value, String(value)));
const list = <T>(items: fc.Arbitrary<T>, maxLength: number) => fc.array(items, { maxLength });

const metadata = fc.record(
  {
    mode: fc.constantFrom('std', 'pro', '4k'),
    aspect_ratio: fc.constantFrom('16:9', '9:16', '1:1'),
    duration: seconds,
    negative_prompt: fc.string(),
    cfg_scale: fc.constantFrom<Json>(0, 0.5, '0.5', 1),
    sound: fc.constantFrom('on', 'off'),
    watermark_info: fc.constant({ enabled: true }),
    multi_shot: fc.boolean(),
    shot_type: fc.constantFrom('customize', 'intelligence'),
    multi_prompt: list(
      fc.record({ prompt: fc.constant('a shot'), duration: fc.integer({ min: 1, max: 5 }) }),
      3,
    ),
    image_tail: picture,
    image_list: list(
      fc.record(
        { image_url: picture, type: fc.constantFrom('first_frame', 'end_frame') },
        { requiredKeys: ['image_url'] },
      ),
      4,
    ),
    video_list: list(
      fc.record(
        {
          video_url: fc.constant('https://videos.example/a.mp4'),
          refer_type: fc.constantFrom('base', 'feature'),
        },
        { requiredKeys: ['video_url'] },
      ),
      1,
    ),
    element_list: list(fc.record({ element_id: fc.constantFrom<Json>(160, '867283741759111202') }), 5),
    voice_list: list(fc.record({ voice_id: fc.constant('v1') }), 2),
  },
  { requiredKeys: [] },
);

/** Few keys at a time: of a request with many, almost none is right. */
const fewKeys = fc
  .tuple(
    metadata,
    fc.array(
      fc.constantFrom(
        ...[
          'mode',
          'duration',
          'sound',
          'image_tail',
          'image_list',
          'video_list',
          'element_list',
          'voice_list',
          'multi_shot',
          'shot_type',
          'multi_prompt',
          'aspect_ratio',
          'cfg_scale',
          'negative_prompt',
          'watermark_info',
        ],
      ),
      { maxLength: 5 },
    ),
  )
  .map(
    ([all, keys]) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key))) as JsonObject,
  );

it('sends Kling nothing that Kling refuses', () => {
  let agreed = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...klingModels.map(({ id }) => id)),
      maybe(picture),
      fewKeys,
      (id, image, parameters) => {
        const { requested, serving } = registry.resolveModel(id, now) as Record<
          'requested' | 'serving',
          VideoModel
        >;
        const prepared = prepareVideoRequest({
          model: requested,
          serving,
          prompt: 'a red kite',
          image,
          metadata: parameters,
          extraFields: [],
          allowPrivateUrls: false,
        });
        if ('problems' in prepared) return;
        const pictures = new Map(prepared.pictures.map(({ placeholder }) => [placeholder.slice(6), bytes]));
        const body = createBody(
          prepared.request,
          { taskId: 'task_1', webhookUrl: 'https://us.example' },
          pictures,
        );
        expect(refusalOf(kindOf[prepared.request.action], JSON.parse(body))).toBeUndefined();
        agreed += 1;
      },
    ),
    { numRuns: 3_000 },
  );
  expect(agreed).toBeGreaterThan(500);
});
