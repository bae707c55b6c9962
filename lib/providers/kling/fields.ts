import * as z from 'zod/mini';
import { isBlank } from '../../blank-text.ts';
import type { FieldValues } from '../read-fields.ts';
import { mediaUrlProblem } from './media-url.ts';
import { videoModes } from './models.ts';
import { readPicture } from './pictures.ts';

const maxPromptCharacters = 2_500;
const maxShotPromptCharacters = 512;
const maxReferenceCharacters = 255;

/** Lists choices as a sentence does. Not by `Intl`, which takes longer to load than all rules here. */
export const either = (choices: readonly (string | number)[]): string => {
  const [last, ...others] = choices.toReversed();
  return others.length === 0 ? `${last}` : `${others.toReversed().join(', ')} or ${last}`;
};

const choice = <const Choices extends readonly [string, ...string[]]>(choices: Choices) =>
  z.enum(choices, `must be ${either(choices)}.`);

/** Kling counts characters, not UTF-16 units. */
const textUpTo = (max: number) =>
  z.string('must be text.').check(
    z.refine((text) => text.length <= max || [...text].length <= max, {
      error: `is longer than ${max} characters; shorten it.`,
    }),
    z.meta({ maxLength: max }),
  );

/** SDKs send numbers as text and the other way round. */
const numberLike = (number: z.ZodMiniType<number, number>, message: string) =>
  z.union(
    [
      number,
      z.pipe(
        z.pipe(z.string().check(z.regex(/^\d{1,9}(\.\d{1,9})?$/, message)), z.transform(Number)),
        number,
      ),
    ],
    message,
  );

const positiveWholeNumber = (message: string) =>
  numberLike(z.int(message).check(z.minimum(1, message)), message);

const flag = z.union(
  [
    z.boolean(),
    z.pipe(
      z.enum(['true', 'false']),
      z.transform((text) => text === 'true'),
    ),
  ],
  'must be true or false.',
);

/** Kling's ids are longs above 2^53: as text they stay exact. */
const longIdProblem = 'must be the id in digits; one of more than 15 digits goes in quotes.';
const longIdRule = 'must be an id of up to 19 digits.';
const longId = z.pipe(
  z.union(
    [
      z.int(longIdProblem).check(z.minimum(1, longIdRule)),
      z.string().check(z.regex(/^[1-9]\d{0,18}$/, longIdRule)),
    ],
    longIdProblem,
  ),
  z.transform(String),
);

const textId = z.pipe(
  z.union(
    [z.string().check(z.regex(/^\S{1,128}$/, 'must be an id of up to 128 characters.')), z.number()],
    'must be an id.',
  ),
  z.transform(String),
);

const listOf = <Item extends z.ZodMiniType>(item: Item, max: number, shape: string) =>
  z.array(item, `must be a list of objects like ${shape}.`).check(z.maxLength(max, `takes at most ${max}.`));

const objectLike = <Shape extends z.core.$ZodShape>(shape: Shape, example: string) =>
  z.object(shape, `must be an object like ${example}.`);

const picture = (allowPrivateUrls: boolean) =>
  z.pipe(
    z.string('must be text: an http or https URL, or a PNG or JPEG picture as base64.'),
    z.transform((text, context) => {
      const read = readPicture(text, allowPrivateUrls);
      if (typeof read !== 'string') return read;
      context.issues.push({ code: 'custom', message: read, input: text });
      return z.NEVER;
    }),
  );

const videoUrl = (allowPrivateUrls: boolean) =>
  z.string('must be the URL of an MP4 or MOV; Kling takes no video as base64.').check(
    z.superRefine((text, context) => {
      const problem = mediaUrlProblem(text, allowPrivateUrls);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: text });
    }),
  );

/** Building schemas takes longer than reading a request with them, and there are only two sets. */
const builtOnce = <Table>(build: (allowPrivateUrls: boolean) => Table): typeof build => {
  const built = new Map<boolean, Table>();
  return (allowPrivateUrls) => {
    const table = built.get(allowPrivateUrls) ?? build(allowPrivateUrls);
    built.set(allowPrivateUrls, table);
    return table;
  };
};

/** The fields beside `metadata`. */
export const topLevelFields = builtOnce((allowPrivateUrls) => ({
  prompt: textUpTo(maxPromptCharacters),
  image: picture(allowPrivateUrls),
}));

const share = 'must be a number from 0 to 1.';
const aspectRatios = ['16:9', '9:16', '1:1'] as const;
const imageExample = '{"image_url": "https://…", "type": "first_frame"}';
const videoExample = '{"video_url": "https://…", "refer_type": "feature"}';
const shotExample = '{"index": 1, "prompt": "…", "duration": "2"}';

/** Every field that Kling documents for its video endpoints, whatever the model. */
export const metadataFields = builtOnce((allowPrivateUrls) => ({
  mode: choice(videoModes),
  aspect_ratio: choice(aspectRatios),
  duration: positiveWholeNumber('must be a whole number of seconds.'),
  negative_prompt: textUpTo(maxPromptCharacters),
  cfg_scale: numberLike(z.number(share).check(z.minimum(0, share), z.maximum(1, share)), share),
  sound: choice(['on', 'off']),
  watermark_info: objectLike({ enabled: flag }, '{"enabled": true}'),
  multi_shot: flag,
  shot_type: choice(['customize', 'intelligence']),
  multi_prompt: listOf(
    objectLike(
      {
        index: z.optional(positiveWholeNumber('must be the place of the shot, counted from 1.')),
        prompt: textUpTo(maxShotPromptCharacters).check(
          z.refine((text) => !isBlank(text), 'must not be blank: say what the shot shows.'),
        ),
        duration: positiveWholeNumber('must be a whole number of seconds, at least 1.'),
      },
      shotExample,
    ),
    6,
    shotExample,
  ),
  image_tail: picture(allowPrivateUrls),
  image_list: listOf(
    objectLike(
      {
        image_url: picture(allowPrivateUrls),
        type: z.optional(choice(['first_frame', 'end_frame'])),
      },
      imageExample,
    ),
    7,
    imageExample,
  ),
  video_list: listOf(
    objectLike(
      {
        video_url: videoUrl(allowPrivateUrls),
        refer_type: z.optional(choice(['base', 'feature'])),
        keep_original_sound: z.optional(choice(['yes', 'no'])),
      },
      videoExample,
    ),
    1,
    videoExample,
  ),
  element_list: listOf(
    objectLike({ element_id: longId }, '{"element_id": "123"}'),
    7,
    '{"element_id": "123"}',
  ),
  voice_list: listOf(objectLike({ voice_id: textId }, '{"voice_id": "123"}'), 2, '{"voice_id": "123"}'),
  camera_control: z.unknown(),
  static_mask: z.unknown(),
  dynamic_masks: z.unknown(),
  external_task_id: z
    .string('must be text.')
    .check(
      z.minLength(1, 'must not be empty.'),
      z.maxLength(maxReferenceCharacters, `is longer than ${maxReferenceCharacters} characters; shorten it.`),
    ),
  callback_url: z.string('must be text: the URL that is called when the video has ended.'),
}));

export type Settings = FieldValues<ReturnType<typeof metadataFields>>;
export type SettingName = keyof Settings;
