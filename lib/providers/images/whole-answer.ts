import type { Json, JsonObject } from '../../json.ts';
import type { AnswerImage, AnswerImages, StringUse } from './answer-images.ts';

/** Longer answers are read as they arrive; for these that costs more than it saves. */
export const longestWholeBytes = 65_536;

/** What a short answer consists of; nothing when it is not whole, or no JSON object. */
export const readWholeAnswer = (
  bytes: Buffer,
  useOf: (key: string) => StringUse,
): AnswerImages | undefined => {
  const answer = parse(bytes);
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  const images: AnswerImage[] = [];
  takeOut(answer, useOf, images);
  return {
    images: (async function* () {
      yield* images;
    })(),
    rest: () => answer,
  };
};

const parse = (bytes: Buffer): Json => {
  try {
    return JSON.parse(bytes.toString()) as Json;
  } catch {
    return null;
  }
};

/** Leaves empty strings in the place of what is taken, at any depth, in the order of the text. */
const takeOut = (value: Json, useOf: (key: string) => StringUse, images: AnswerImage[]): void => {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value) takeOut(element, useOf, images);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const use = typeof child === 'string' ? useOf(key) : 'keep';
    if (use === 'image' && child !== '') images.push(imageOf(child as string, value));
    if (use === 'keep') takeOut(child, useOf, images);
    else value[key] = '';
  }
};

const imageOf = (digits: string, siblings: JsonObject): AnswerImage => ({
  base64: once(() => Buffer.from(digits, 'latin1')),
  bytes: once(() => Buffer.from(digits, 'base64')),
  siblings: () => siblings,
});

const once = async function* (make: () => Buffer): AsyncGenerator<Buffer> {
  yield make();
};
