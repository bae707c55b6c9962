import type { VideoDescriptor } from '../descriptor.ts';
import { fieldNotes } from './field-notes.ts';
import { metadataFields, topLevelFields } from './fields.ts';
import { createKlingProvider } from './kling-provider.ts';
import { klingModels } from './models.ts';
import { assetsIn, withStoredPictures } from './picture-places.ts';
import { klingPrices } from './prices.ts';
import { prepareVideoRequest } from './video-request.ts';
import { readWebhook } from './webhook.ts';

export const kling: VideoDescriptor = {
  kind: 'video',
  livemode: true,
  name: 'kling',
  title: 'Kling',
  variablePrefix: 'KLING',
  defaultBaseUrl: 'https://api-singapore.klingai.com',
  // The API key works for every model, so it goes before the older pair.
  credentialSets: [['KLING_API_KEY'], ['KLING_ACCESS_KEY', 'KLING_SECRET_KEY']],
  models: klingModels,
  prices: klingPrices,
  defaultUnitPriceUsd: '0.14',
  requests: {
    fields: (allowPrivateUrls) => ({
      topLevel: topLevelFields(allowPrivateUrls),
      metadata: metadataFields(allowPrivateUrls),
    }),
    fieldNotes,
    prepare: prepareVideoRequest,
    withStoredPictures,
    assetsIn,
  },
  readWebhook,
  create: ({ baseUrl, credentials }, dependencies) =>
    createKlingProvider({ baseUrl, credentials: klingCredentials(credentials), ...dependencies }),
};

const klingCredentials = (values: Readonly<Record<string, string>>) => {
  const {
    KLING_API_KEY: apiKey,
    KLING_ACCESS_KEY: accessKey = '',
    KLING_SECRET_KEY: secretKey = '',
  } = values;
  return apiKey === undefined ? { accessKey, secretKey } : { apiKey };
};
