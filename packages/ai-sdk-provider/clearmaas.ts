import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ImageModelV4, Experimental_VideoModelV4 as VideoModelV4 } from '@ai-sdk/provider';
import { createVideoModel } from './video-model.ts';

export type ClearMaasSettings = {
  /** Where the gateway answers, with `/v1`. */
  baseURL: string;
  apiKey: string;
  fetch?: typeof fetch;
};

export type ClearMaas = {
  /** A model that makes videos, by its id in `GET /v1/models`. */
  video(modelId: string): VideoModelV4;
  /** A model that makes images. */
  image(modelId: string): ImageModelV4;
};

/** The models of a ClearMaas gateway, for Vercel's AI SDK. */
export const createClearMaas = ({
  baseURL,
  apiKey,
  fetch = globalThis.fetch,
}: ClearMaasSettings): ClearMaas => {
  const images = createOpenAICompatible({ name: 'clearmaas', baseURL, apiKey, fetch });
  return {
    video: (modelId) => createVideoModel(modelId, { baseURL, apiKey, fetch }),
    image: (modelId) => images.imageModel(modelId),
  };
};
