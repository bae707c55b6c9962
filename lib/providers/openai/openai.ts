import type { ImageDescriptor } from '../descriptor.ts';
import { openAiModels } from './models.ts';
import { createOpenAiImages } from './openai-images.ts';
import { openAiPrices } from './prices.ts';

export const openAi: ImageDescriptor = {
  kind: 'image',
  livemode: true,
  name: 'openai',
  title: 'OpenAI',
  variablePrefix: 'OPENAI',
  defaultBaseUrl: 'https://api.openai.com/v1',
  credentialSets: [['OPENAI_API_KEY']],
  models: openAiModels,
  prices: openAiPrices,
  create: ({ baseUrl, credentials: { OPENAI_API_KEY: apiKey = '' } }, dependencies) =>
    createOpenAiImages({ baseUrl, apiKey, ...dependencies }),
};
