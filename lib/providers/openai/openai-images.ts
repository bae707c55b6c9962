import type { JsonObject } from '../../json.ts';
import type { ImageModelOf } from '../image-models.ts';
import type { ImageProvider, ImageUsage } from '../image-provider.ts';
import { callProvider, imageDeadlineMs } from '../images/call.ts';
import { numberAt } from '../images/fields.ts';
import type { ProviderFetch } from '../images/provider-fetch.ts';
import { refusedContent } from '../images/refusal.ts';
import { startReading } from '../images/start-reading.ts';
import { readOpenAiFailure } from './failure.ts';
import { planOpenAi } from './plan.ts';

export type OpenAiSettings = { baseUrl: string; apiKey: string; fetch: ProviderFetch; deadlineMs?: number };

/** OpenAI's Images API, GPT Image family: https://developers.openai.com/api/docs/guides/image-generation */
export const createOpenAiImages = ({
  baseUrl,
  apiKey,
  fetch,
  deadlineMs = imageDeadlineMs,
}: OpenAiSettings): ImageProvider<ImageModelOf<'openai'>> => ({
  name: 'openai',
  plan: planOpenAi,
  async generate({ parameters }) {
    const called = await callProvider(
      {
        fetch,
        url: `${baseUrl}/images/generations`,
        headers: { authorization: `Bearer ${apiKey}` },
        body: parameters,
        deadlineMs,
      },
      readOpenAiFailure,
    );
    if ('failure' in called) return called.failure;
    return startReading(called.answer, {
      useOf: (key) => (key === 'b64_json' ? 'image' : 'keep'),
      withoutImage: () => refusedContent('no image was returned'),
      usageOf,
    });
  },
});

const usageOf = ({ usage }: JsonObject): ImageUsage | undefined => {
  const total = numberAt(usage, 'total_tokens');
  if (total === undefined) return undefined;
  return {
    input_tokens: numberAt(usage, 'input_tokens') ?? 0,
    output_tokens: numberAt(usage, 'output_tokens') ?? 0,
    total_tokens: total,
  };
};
