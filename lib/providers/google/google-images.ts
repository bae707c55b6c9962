import type { Json, JsonObject } from '../../json.ts';
import { countAt, fieldAt, textAt } from '../http/fields.ts';
import type { ImageOrder, ImageOutcome, ImageProvider, ImageUsage } from '../image-provider.ts';
import type { ImageAccount } from '../images/account.ts';
import { askForImages } from '../images/ask.ts';
import { toPlainBase64 } from '../images/read-images.ts';
import { ownModel } from '../model.ts';
import { combineCalls } from './combine-calls.ts';
import { readGoogleFailure, readMissingImage } from './failure.ts';
import { googleModels } from './models.ts';
import { planGoogle } from './plan.ts';

/** Google's `generateContent` with image models: https://ai.google.dev/gemini-api/docs/image-generation */
export const createGoogleImages = ({ baseUrl, apiKey, ...shared }: ImageAccount): ImageProvider => {
  const generateOne = async ({ upstreamId, parameters, deadlineMs }: ImageOrder): Promise<ImageOutcome> => {
    const called = await askForImages(
      {
        ...shared,
        url: `${baseUrl}/models/${upstreamId}:generateContent`,
        headers: { 'x-goog-api-key': apiKey },
        body: parameters,
        images: 1,
        deadlineMs,
      },
      readGoogleFailure,
    );
    if ('failure' in called) return called.failure;
    const { answer } = called;
    const image = imageIn(answer);
    if (image === undefined) return readMissingImage(answer);
    const base64 = toPlainBase64(image);
    const usage = usageOf(answer);
    return { status: 'made', images: [{ base64 }], ...(usage && { usage }) };
  };
  return {
    name: 'google',
    plan: (request, model) => planGoogle(request, ownModel(googleModels, model)),
    generate: async (order) =>
      combineCalls(await Promise.all(Array.from({ length: order.n }, () => generateOne(order)))),
  };
};

const listAt = (value: Json | undefined, ...path: string[]): Json[] => {
  const list = fieldAt(value, ...path);
  return Array.isArray(list) ? list : [];
};

/** One call makes one image; what the model drew while it thought is marked as a thought. */
const imageIn = (answer: JsonObject): string | undefined =>
  listAt(answer, 'candidates')
    .flatMap((candidate) => listAt(candidate, 'content', 'parts'))
    .filter((part) => fieldAt(part, 'thought') !== true)
    .map((part) => textAt(part, 'inlineData', 'data'))
    .find((base64) => base64 !== '');

const tokensOf = (details: readonly Json[], modality: string): number =>
  details
    .filter((detail) => textAt(detail, 'modality') === modality)
    .reduce<number>((sum, detail) => sum + (countAt(detail, 'tokenCount') ?? 0), 0);

const usageOf = ({ usageMetadata }: JsonObject): ImageUsage | undefined => {
  const total = countAt(usageMetadata, 'totalTokenCount');
  if (total === undefined) return undefined;
  const input = countAt(usageMetadata, 'promptTokenCount') ?? 0;
  const imageTokens = tokensOf(listAt(usageMetadata, 'promptTokensDetails'), 'IMAGE');
  const output = total - input;
  const drawn = tokensOf(listAt(usageMetadata, 'candidatesTokensDetails'), 'IMAGE');
  return {
    input_tokens: input,
    input_tokens_details: { text_tokens: input - imageTokens, image_tokens: imageTokens },
    output_tokens: output,
    // What it thought counts as text.
    ...(drawn > 0 && { output_tokens_details: { text_tokens: output - drawn, image_tokens: drawn } }),
    total_tokens: total,
  };
};
