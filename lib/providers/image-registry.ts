import type { Config, Credentials } from '../config.ts';
import { createGoogleImages } from './google/google-images.ts';
import type { HttpClient } from './http/client.ts';
import type { ImageModel, ImageModelOf, ImageProviderName } from './image-models.ts';
import type { ImageProvider, OpenLink } from './image-provider.ts';
import { createOpenAiImages } from './openai/openai-images.ts';
import { createXaiImages } from './xai/xai-images.ts';

/** Those that this deployment has credentials for. */
export type ImageProviders = { [Name in ImageProviderName]?: ImageProvider<ImageModelOf<Name>> };

export type ImageProviderOptions = {
  config: Pick<Config, 'OPENAI_BASE_URL' | 'GEMINI_BASE_URL' | 'XAI_BASE_URL'>;
  credentials: Pick<Credentials, 'OPENAI_API_KEY' | 'GEMINI_API_KEY' | 'XAI_API_KEY'>;
  http: HttpClient;
  openLink: OpenLink;
};

export const createImageProviders = ({
  config: { OPENAI_BASE_URL, GEMINI_BASE_URL, XAI_BASE_URL },
  credentials: { OPENAI_API_KEY, GEMINI_API_KEY, XAI_API_KEY },
  ...shared
}: ImageProviderOptions): ImageProviders => ({
  ...(OPENAI_API_KEY !== undefined && {
    openai: createOpenAiImages({ baseUrl: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY, ...shared }),
  }),
  ...(GEMINI_API_KEY !== undefined && {
    google: createGoogleImages({ baseUrl: GEMINI_BASE_URL, apiKey: GEMINI_API_KEY, ...shared }),
  }),
  ...(XAI_API_KEY !== undefined && {
    xai: createXaiImages({ baseUrl: XAI_BASE_URL, apiKey: XAI_API_KEY, ...shared }),
  }),
});

/** Whose model it is, typed for any of its models: a provider is only ever given its own. */
export const providerOf = (providers: ImageProviders, model: ImageModel): ImageProvider | undefined =>
  providers[model.provider] as ImageProvider | undefined;
