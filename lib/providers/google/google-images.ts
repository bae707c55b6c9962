import type { JsonObject } from '../../json.ts';
import type { ImageModelOf } from '../image-models.ts';
import type { ImageOrder, ImageOutcome, ImageProvider, ImageUsage } from '../image-provider.ts';
import { callProvider, imageDeadlineMs } from '../images/call.ts';
import { numberAt } from '../images/fields.ts';
import type { ProviderFetch } from '../images/provider-fetch.ts';
import { startReading } from '../images/start-reading.ts';
import { combineCalls } from './combine-calls.ts';
import { readGoogleFailure, readMissingImage } from './failure.ts';
import { planGoogle } from './plan.ts';

export type GoogleSettings = { baseUrl: string; apiKey: string; fetch: ProviderFetch; deadlineMs?: number };

/** Google's `generateContent` with image models: https://ai.google.dev/gemini-api/docs/image-generation */
export const createGoogleImages = ({
  baseUrl,
  apiKey,
  fetch,
  deadlineMs = imageDeadlineMs,
}: GoogleSettings): ImageProvider<ImageModelOf<'google'>> => {
  const generateOne = async ({ upstreamId, parameters }: ImageOrder): Promise<ImageOutcome> => {
    const called = await callProvider(
      {
        fetch,
        url: `${baseUrl}/models/${upstreamId}:generateContent`,
        headers: { 'x-goog-api-key': apiKey },
        body: parameters,
        deadlineMs,
      },
      readGoogleFailure,
    );
    if ('failure' in called) return called.failure;
    return startReading(called.answer, { useOf, withoutImage: readMissingImage, usageOf });
  };
  return {
    name: 'google',
    plan: planGoogle,
    generate: async (order) =>
      combineCalls(await Promise.all(Array.from({ length: order.n }, () => generateOne(order)))),
  };
};

/** A signature of the model's thoughts can be as large as the image. */
const useOf = (key: string) => (key === 'data' ? 'image' : key === 'thoughtSignature' ? 'forget' : 'keep');

const usageOf = ({ usageMetadata }: JsonObject): ImageUsage | undefined => {
  const total = numberAt(usageMetadata, 'totalTokenCount');
  if (total === undefined) return undefined;
  const input = numberAt(usageMetadata, 'promptTokenCount') ?? 0;
  return { input_tokens: input, output_tokens: total - input, total_tokens: total };
};
