import type { ImageDescriptor } from '../descriptor.ts';
import { createGoogleImages } from './google-images.ts';
import { googleModels } from './models.ts';
import { googlePrices } from './prices.ts';

export const google: ImageDescriptor = {
  kind: 'image',
  livemode: true,
  name: 'google',
  title: 'Google',
  variablePrefix: 'GEMINI',
  defaultBaseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  credentialSets: [['GEMINI_API_KEY']],
  models: googleModels,
  prices: googlePrices,
  create: ({ baseUrl, credentials: { GEMINI_API_KEY: apiKey = '' } }, dependencies) =>
    createGoogleImages({ baseUrl, apiKey, ...dependencies }),
};
