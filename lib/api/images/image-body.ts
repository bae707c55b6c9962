import * as z from 'zod/mini';
import { isBlank } from '../../blank-text.ts';
import { invalidRequest, type Problem } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import {
  type ImageQuality,
  type ImageRequest,
  type ImageSize,
  imageQualities,
} from '../../providers/image-provider.ts';
import { isGiven } from '../../providers/read-fields.ts';
import type { Registry } from '../../providers/registry.ts';
import { imageEventTypes, type TaskEventType } from '../../tasks/delivery.ts';
import { wholeNumber } from '../../whole-number.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { readBySchema } from '../body/read-by-schema.ts';
import { unknownFieldWarnings } from '../ignored-fields.ts';
import { isBareGptImageId, publicModelId } from '../model-ids.ts';
import { callbackFields } from '../requested-callback.ts';
import { fallbackFields, notFollowedWarnings, readFallbackChain } from './fallback-chain.ts';

const maxImages = 10;
const maxPromptCharacters = 32_000;

const count = `must be a whole number from 1 to ${maxImages}.`;
const sizeRule = 'must be auto or WIDTHxHEIGHT in pixels, such as 1024x1024.';
const ratioRule = 'must be auto or WIDTH:HEIGHT, such as 16:9.';
const percent = 'must be a whole number from 0 to 100.';
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(', ')}.`);

/** The seed's `ImageGenerationRequest` and those of OpenAI's newer fields that a provider has. Others are ignored, and named in the answer. */
export const imageBody = z.object({
  model: z.string('must be the id of an image model; GET /v1/models lists them.'),
  prompt: z.string('must be the text that describes the image.').check(
    z.refine((text) => !isBlank(text), 'must not be empty: describe the image.'),
    z.minLength(1, 'must not be empty: describe the image.'),
    z.maxLength(maxPromptCharacters, `must have at most ${maxPromptCharacters} characters.`),
  ),
  n: z.optional(wholeNumber(1, maxImages, count)),
  size: z.optional(z.string(sizeRule).check(z.regex(/^(?:auto|[1-9]\d{1,4}x[1-9]\d{1,4})$/, sizeRule))),
  quality: z.optional(oneOf(['standard', 'hd', ...imageQualities])),
  style: z.optional(oneOf(['vivid', 'natural'])),
  response_format: z.optional(oneOf(['url', 'b64_json'])),
  user: z.optional(
    z.string('must be a string.').check(z.maxLength(512, 'must have at most 512 characters.')),
  ),
  background: z.optional(oneOf(['auto', 'transparent', 'opaque'])),
  output_format: z.optional(oneOf(['png', 'jpeg', 'webp'])),
  output_compression: z.optional(wholeNumber(0, 100, percent)),
  moderation: z.optional(oneOf(['auto', 'low'])),
  aspect_ratio: z.optional(
    z.string(ratioRule).check(z.regex(/^(?:auto|\d{1,2}(?:\.\d)?:\d{1,2}(?:\.\d)?)$/, ratioRule)),
  ),
  resolution: z.optional(
    z.pipe(
      z.transform((text) => (typeof text === 'string' ? text.toLowerCase() : text)),
      oneOf(['1k', '2k', '4k']),
    ),
  ),
  ...callbackFields(imageEventTypes),
  // Ignoring it would leave the caller waiting for events that never come.
  stream: z.optional(z.literal(false, 'is not supported here; leave it out.')),
});

type ImageFormat = 'url' | 'b64_json';
export type ImageInput = {
  /** The model asked for, by its public id. */
  model: string;
  /** The models to try instead of that one, in turn. */
  chain: readonly string[] | undefined;
  request: ImageRequest;
  /** What the caller named, and what an answer with the images has otherwise. */
  requestedFormat: ImageFormat | undefined;
  format: ImageFormat;
  /** What of the request is not done for any model, in sentences. */
  notes: readonly string[];
  /** Fields that mean nothing here. */
  ignored: readonly string[];
  callbackUrl: string | undefined;
  callbackEvents: TaskEventType[] | undefined;
};

/**
 * Reads what the caller asks for.
 *
 * @throws ApiError 400 that names every wrong field.
 */
export const readImageBody = (registry: Registry, body: JsonObject): ImageInput => {
  const { value, problems: bodyProblems } = readBySchema(imageBody, body);
  const { chain, problems: chainProblems, ignored: notFollowed } = readFallbackChain(body);
  const problems = [...bodyProblems, ...chainProblems, ...inputPictureProblems(body)];
  if (value === undefined || problems.length > 0) throw invalidRequest(problems);
  const unknown = Object.keys(body).filter((name) => !knownFields.includes(name));
  return {
    model: publicModelId(registry, value.model),
    chain: chain?.map((id) => publicModelId(registry, id)),
    request: requestIn(value),
    requestedFormat: value.response_format,
    format: value.response_format ?? (isBareGptImageId(value.model) ? 'b64_json' : 'url'),
    callbackUrl: value.callback_url,
    callbackEvents: value.callback_events,
    notes: [
      ...styleNotes(value),
      ...unknownFieldWarnings(unknown, knownFields),
      ...notFollowedWarnings(notFollowed),
    ],
    ignored: [...unknown, ...notFollowed],
  };
};

const knownFields = [...Object.keys(imageBody.shape), ...fallbackFields];

const styleNotes = ({ style }: z.output<typeof imageBody>): string[] =>
  style === undefined ? [] : ['style is supported by no model any more; describe it in the prompt'];

/** Ignored, they would make, and charge for, a picture that has nothing to do with them. */
const pictureFields = [
  'image',
  'images',
  'mask',
  'image_url',
  'image_urls',
  'image_list',
  'init_image',
  'input_image',
  'input_reference',
  'reference_image',
  'reference_images',
];

const inputPictureProblems = (body: JsonObject): Problem[] =>
  pictureFields
    .filter((name) => isGiven(body[name]))
    .map((param) => ({
      param,
      message:
        'belongs to image edits (/v1/images/edits), which are not offered here: this route makes images from a prompt alone. Leave it out.',
    }));

const requestIn = (value: z.output<typeof imageBody>): ImageRequest => ({
  prompt: value.prompt,
  n: value.n ?? 1,
  ...withoutUndefined({
    size: sizeIn(value.size),
    quality: value.quality && (oldQualities[value.quality] ?? (value.quality as ImageQuality)),
    user: value.user,
    background: value.background,
    outputFormat: value.output_format,
    outputCompression: value.output_compression,
    moderation: value.moderation,
    aspectRatio: value.aspect_ratio === 'auto' ? undefined : value.aspect_ratio,
    resolution: value.resolution,
  }),
});

/** The words of dall-e-3, which the seed still has. */
const oldQualities: Record<string, ImageQuality> = { standard: 'medium', hd: 'high' };

const sizeIn = (text: string | undefined): ImageSize | undefined => {
  if (text === undefined || text === 'auto') return undefined;
  const [width, height] = text.split('x').map(Number) as [number, number];
  return { width, height };
};
