import type { ImageModelOf } from '../image-models.ts';
import type { ImageProvider } from '../image-provider.ts';
import { callProvider, imageDeadlineMs } from '../images/call.ts';
import type { ProviderFetch } from '../images/provider-fetch.ts';
import { refusedContent } from '../images/refusal.ts';
import { startReading } from '../images/start-reading.ts';
import { readXaiFailure } from './failure.ts';
import { planXai } from './plan.ts';

export type XaiSettings = { baseUrl: string; apiKey: string; fetch: ProviderFetch; deadlineMs?: number };

/** xAI's Images API, Grok Imagine family: https://docs.x.ai/developers/model-capabilities/images/generation */
export const createXaiImages = ({
  baseUrl,
  apiKey,
  fetch,
  deadlineMs = imageDeadlineMs,
}: XaiSettings): ImageProvider<ImageModelOf<'xai'>> => ({
  name: 'xai',
  plan: planXai,
  async generate({ parameters }) {
    const called = await callProvider(
      {
        fetch,
        url: `${baseUrl}/images/generations`,
        headers: { authorization: `Bearer ${apiKey}` },
        body: parameters,
        deadlineMs,
      },
      readXaiFailure,
    );
    if ('failure' in called) return called.failure;
    return startReading(called.answer, {
      useOf: (key) => (key === 'b64_json' ? 'image' : 'keep'),
      // Moderation is silent here: HTTP 200, and the image is not there.
      withoutImage: () => refusedContent('moderation'),
      usageOf: () => undefined,
    });
  },
});
