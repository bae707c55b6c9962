import type { Problem } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { VideoClip } from '../providers/descriptor.ts';
import type { VideoModel } from '../providers/model.ts';

/** A field of a request that OpenAI's dialect says in its own way. */
type TranslatedField = {
  /** The name beside or in `metadata`. */
  name: 'duration' | 'aspect_ratio' | 'mode' | 'image' | 'image_list';
  value: Json;
  /** Where the caller gave it. */
  param: string;
};

/** `unknown`: names within a field that mean nothing here. */
type Translation = { fields: TranslatedField[]; problems: Problem[]; unknown?: string[] };

/** The sizes that OpenAI's dialect can ask for, as shape and mode. `docs/requests.md` has this table. */
export const videoSizes: Readonly<Record<string, { aspect_ratio: string; mode: string }>> = {
  '1280x720': { aspect_ratio: '16:9', mode: 'std' },
  '720x1280': { aspect_ratio: '9:16', mode: 'std' },
  '720x720': { aspect_ratio: '1:1', mode: 'std' },
  '1920x1080': { aspect_ratio: '16:9', mode: 'pro' },
  '1080x1920': { aspect_ratio: '9:16', mode: 'pro' },
  '1080x1080': { aspect_ratio: '1:1', mode: 'pro' },
  '3840x2160': { aspect_ratio: '16:9', mode: '4k' },
  '2160x3840': { aspect_ratio: '9:16', mode: '4k' },
  '2160x2160': { aspect_ratio: '1:1', mode: '4k' },
  // The SDKs' types know these two.
  '1792x1024': { aspect_ratio: '16:9', mode: 'pro' },
  '1024x1792': { aspect_ratio: '9:16', mode: 'pro' },
};

/** Names the sizes that a model makes where the one asked for is none of them. */
export const namingSizes =
  (size: Json | undefined, { id, parameters = {} }: VideoModel) =>
  (problem: Problem): Problem => {
    const modes = parameters['mode']?.enum;
    const made = Object.entries(videoSizes)
      .filter(([, { mode }]) => modes?.includes(mode) ?? true)
      .map(([name]) => name);
    return problem.param !== 'size' || made.some((name) => name === size)
      ? problem
      : {
          param: 'size',
          message: `must be one of ${made.join(', ')} for ${id}; or use metadata.aspect_ratio and metadata.mode.`,
        };
  };

/** Width and height of a video, as OpenAI's dialect names them. The first that fits: the SDKs' two are only read. */
export const sizeOfClip = ({ aspectRatio, mode }: VideoClip): string => {
  const [size = '1280x720'] =
    Object.entries(videoSizes).find(
      ([, shape]) => shape.aspect_ratio === aspectRatio && shape.mode === mode,
    ) ?? [];
  return size;
};

/** Fields of OpenAI's video dialect, each with what it means here. */
const translations: Readonly<Record<string, (value: Json) => Translation>> = {
  seconds: (value) => fieldOf('seconds', 'duration', value),
  size: (value) => sizeOf(value),
  input_reference: (value) => referenceOf(value),
  images: (value) => imagesOf(value),
  n: (value) => countOf(value),
  characters: () => problemOf('characters', 'are not offered here; leave them out.'),
};

export const openAiVideoFields: readonly string[] = Object.keys(translations);

/** Reads the fields of OpenAI's dialect in the terms of `metadata`. */
export const translateOpenAiFields = (body: JsonObject): Required<Translation> => {
  const read = Object.entries(translations).flatMap(([name, translate]) => {
    const value = body[name];
    return value === undefined ? [] : [translate(value)];
  });
  return {
    fields: read.flatMap(({ fields }) => fields),
    problems: read.flatMap(({ problems }) => problems),
    unknown: read.flatMap(({ unknown = [] }) => unknown),
  };
};

const fieldOf = (param: string, name: TranslatedField['name'], value: Json): Translation => ({
  fields: [{ name, value, param }],
  problems: [],
});

const problemOf = (param: string, message: string): Translation => ({
  fields: [],
  problems: [{ param, message }],
});

/** `1` says what is done anyway. */
const countOf = (value: Json): Translation =>
  value === 1 || value === '1'
    ? { fields: [], problems: [] }
    : problemOf('n', 'must be 1 or left out: a request makes one video. Send one for each.');

const sizeOf = (value: Json): Translation => {
  const size = typeof value === 'string' && Object.hasOwn(videoSizes, value) ? videoSizes[value] : undefined;
  if (size === undefined)
    return problemOf(
      'size',
      `must be one of ${Object.keys(videoSizes).join(', ')}; or use metadata.aspect_ratio and metadata.mode.`,
    );
  return {
    fields: [
      { name: 'aspect_ratio', value: size.aspect_ratio, param: 'size' },
      { name: 'mode', value: size.mode, param: 'size' },
    ],
    problems: [],
  };
};

const referenceOf = (value: Json): Translation => {
  if (typeof value === 'string') return fieldOf('input_reference', 'image', value);
  const { image_url, file_id, ...others } = isJsonObject(value) ? value : {};
  if (file_id !== undefined)
    return problemOf(
      'input_reference.file_id',
      'names a file, and none are kept here; send the picture itself or its URL.',
    );
  if (image_url === undefined)
    return problemOf(
      'input_reference',
      'must be a picture: an http or https URL, base64, or {"image_url": "…"}.',
    );
  return {
    ...fieldOf('input_reference.image_url', 'image', image_url),
    unknown: Object.keys(others).map((name) => `input_reference.${name}`),
  };
};

/** One picture is the first frame; several are references, which omni models take. */
const imagesOf = (value: Json): Translation => {
  if (!Array.isArray(value) || !value.every((picture) => typeof picture === 'string'))
    return problemOf('images', 'must be a list of pictures, each an http or https URL or base64.');
  const [first, ...others] = value;
  if (first === undefined) return { fields: [], problems: [] };
  if (others.length === 0) return fieldOf('images[0]', 'image', first);
  return fieldOf(
    'images',
    'image_list',
    value.map((image_url) => ({ image_url })),
  );
};
