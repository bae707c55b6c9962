import type { ImageDescriptor } from '../descriptor.ts';
import { xaiModels } from './models.ts';
import { xaiPrices } from './prices.ts';
import { createXaiImages } from './xai-images.ts';

export const xai: ImageDescriptor = {
  kind: 'image',
  livemode: true,
  name: 'xai',
  title: 'xAI',
  variablePrefix: 'XAI',
  defaultBaseUrl: 'https://api.x.ai/v1',
  credentialSets: [['XAI_API_KEY']],
  models: xaiModels,
  prices: xaiPrices,
  create: ({ baseUrl, credentials: { XAI_API_KEY: apiKey = '' } }, dependencies) =>
    createXaiImages({ baseUrl, apiKey, ...dependencies }),
};
