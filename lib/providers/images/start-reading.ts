import type { JsonObject } from '../../json.ts';
import type { ImageFailure, ImageUsage, MadeImage, MadeImages } from '../image-provider.ts';
import { type AnswerImage, readAnswerImages, type StringUse } from './answer-images.ts';
import { failureOfCall } from './call.ts';
import { readStart } from './read-start.ts';
import { longestWholeBytes, readWholeAnswer } from './whole-answer.ts';

export type AnswerReading = {
  useOf: (key: string) => StringUse;
  /** What an answer without any image means. */
  withoutImage: (rest: JsonObject) => ImageFailure;
  usageOf: (rest: JsonObject) => ImageUsage | undefined;
};

/** Reads an answer up to its first image, so that one without any can still become a failure. */
export const startReading = async (
  body: AsyncIterable<Uint8Array>,
  { useOf, withoutImage, usageOf }: AnswerReading,
): Promise<MadeImages | ImageFailure> => {
  const { whole, all } = await readStart(body, longestWholeBytes);
  const answer = (whole && readWholeAnswer(whole, useOf)) ?? readAnswerImages(all, useOf);
  const iterator = answer.images[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    if (first.done) return withoutImage(answer.rest());
    return {
      status: 'made',
      images: madeImages(first.value, iterator),
      usage: () => usageOf(answer.rest()),
    };
  } catch (error) {
    return failureOfCall(error);
  }
};

const madeImages = async function* (
  first: AnswerImage,
  iterator: AsyncIterator<AnswerImage>,
): AsyncGenerator<MadeImage> {
  try {
    yield madeImage(first);
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      yield madeImage(next.value);
  } finally {
    await iterator.return?.();
  }
};

const madeImage = ({ bytes, base64, siblings }: AnswerImage): MadeImage => ({
  bytes,
  base64,
  revisedPrompt() {
    const { revised_prompt: revisedPrompt } = siblings();
    return typeof revisedPrompt === 'string' && revisedPrompt !== '' ? revisedPrompt : undefined;
  },
});
