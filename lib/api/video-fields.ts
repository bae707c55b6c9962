import type { Problem } from '../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { canonicalJson } from './canonical-json.ts';
import { openAiVideoFields, translateOpenAiFields } from './openai-video-fields.ts';
import { videoBody } from './video-body.ts';

/** The fields of a video request in their own places, wherever the caller put them. */
export type VideoFields = {
  prompt: Json | undefined;
  image: Json | undefined;
  metadata: Json | undefined;
  /** Fields outside of `metadata` that mean nothing here. */
  unknown: string[];
  problems: Problem[];
  /** Names a problem's field as the caller wrote it. */
  inCallersWords(problem: Problem): Problem;
};

type Given = { value: Json; param: string };

/**
 * Reads top-level fields that are names of metadata fields, and those of OpenAI's dialect, as if they stood in their
 * places. The same field given in two places must have the same value in both.
 */
export const gatherVideoFields = (body: JsonObject, metadataNames: ReadonlySet<string>): VideoFields => {
  const isOfBody = (name: string): boolean => Object.hasOwn(videoBody.shape, name);
  const isKnown = (name: string): boolean =>
    isOfBody(name) || openAiVideoFields.includes(name) || metadataNames.has(name);
  const { metadata } = body;
  const translated = translateOpenAiFields(body);
  const bag = new Map<string, Given>();
  const problems = [...translated.problems];
  const add = (name: string, given: Given): void => {
    const earlier = bag.get(name);
    if (earlier === undefined) bag.set(name, given);
    else if (!isSame(earlier.value, given.value))
      problems.push({
        param: given.param,
        message: `and ${earlier.param} say different things; give one of them.`,
      });
  };
  if (body['image'] !== undefined) add('image', { value: body['image'], param: 'image' });
  if (isJsonObject(metadata))
    for (const [name, value] of Object.entries(metadata))
      add(placeInMetadata(name), { value, param: `metadata.${name}` });
  for (const [name, value] of Object.entries(body))
    if (!isOfBody(name) && metadataNames.has(name)) add(placeInMetadata(name), { value, param: name });
  for (const { name, value, param } of translated.fields)
    add(name === 'image' ? name : placeInMetadata(name), { value, param });

  return {
    prompt: body['prompt'],
    image: bag.get('image')?.value,
    metadata: isJsonObject(metadata) || metadata === undefined ? metadataOf(bag) : metadata,
    unknown: [...Object.keys(body).filter((name) => !isKnown(name)), ...translated.unknown],
    problems,
    inCallersWords: ({ param, message }) => ({ param: paramIn(bag, param), message }),
  };
};

const placeInMetadata = (name: string): string => `metadata.${name}`;

const metadataOf = (bag: ReadonlyMap<string, Given>): JsonObject =>
  Object.fromEntries(
    [...bag].flatMap(([place, { value }]) =>
      place.startsWith('metadata.') ? [[place.slice('metadata.'.length), value]] : [],
    ),
  );

/** `metadata.duration` becomes `seconds` where that is what the caller wrote; what follows the name stays. */
const paramIn = (bag: ReadonlyMap<string, Given>, param: string): string => {
  const [place = ''] = /^(?:metadata\.)?[^.[]+/.exec(param) ?? [];
  const given = bag.get(place);
  if (given === undefined) return param;
  const told = given.param + param.slice(place.length);
  // A list of the pictures themselves.
  return given.param === 'images' ? told.replace(/\.image_url$/, '') : told;
};

/** Numbers and their digits mean the same. */
const isSame = (one: Json, other: Json): boolean =>
  canonicalJson(one) === canonicalJson(other) ||
  (isScalar(one) && isScalar(other) && String(one) === String(other));

const isScalar = (value: Json): boolean => typeof value !== 'object';
