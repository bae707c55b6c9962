import type { JsonObject } from '../../json.ts';
import type { ImageFailure, ImageOrder, MadeImages } from '../image-provider.ts';
import type { ImageAccount } from './account.ts';
import { askForImages, type FailedAnswer } from './ask.ts';
import { readDataImages } from './read-images.ts';

type Reading = {
  readFailure: (answer: FailedAnswer) => ImageFailure;
  /** What an answer without any image means. */
  withoutImage: (answer: JsonObject) => ImageFailure;
};

/** Orders images at `/images/generations`, as OpenAI has it and others have taken over. */
export const orderInOpenAiDialect = async (
  { baseUrl, apiKey, ...shared }: ImageAccount,
  { parameters, n, deadlineMs }: ImageOrder,
  { readFailure, withoutImage }: Reading,
): Promise<{ answer: JsonObject; images: MadeImages['images'] } | { failure: ImageFailure }> => {
  const called = await askForImages(
    {
      ...shared,
      url: `${baseUrl}/images/generations`,
      headers: { authorization: `Bearer ${apiKey}` },
      body: parameters,
      images: n,
      deadlineMs,
    },
    readFailure,
  );
  if ('failure' in called) return called;
  const { answer } = called;
  const images = await readDataImages(answer, { baseUrl, openLink: shared.openLink, withoutImage });
  return 'status' in images ? { failure: images } : { answer, images };
};
