import { type Config, type Credentials, currentEnvironment } from '../../lib/config.ts';
import { readProviderSettings } from '../../lib/providers/accounts.ts';
import {
  configuredNames,
  createImageProviders,
  createVideoProviders,
} from '../../lib/providers/configured.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import type { ImageProviders } from '../../lib/providers/image-provider.ts';
import { maxImageBytes } from '../../lib/providers/images/ask.ts';
import type { VideoProviderOf, VideoRequest } from '../../lib/providers/provider.ts';
import { registry } from '../../lib/providers/registry.ts';
import { canReachWebhook, webhookUrl } from '../../lib/providers/webhook-address.ts';
import { createPriceList, type PriceList } from '../../lib/usage/price-list.ts';
import { prepareDownload } from './download.ts';

const http = createHttpClient(fetch);

/** The providers of images that this deployment has an account with. */
export const prepareImageProviders = (config: Config, credentials: Credentials): ImageProviders =>
  createImageProviders(
    { registry, variables: currentEnvironment(), credentials },
    { http, openLink: prepareDownload(config, maxImageBytes) },
  );

type ReadPicture = (assetId: string) => Promise<Uint8Array>;

const readNothing: ReadPicture = () => Promise.reject(new Error('only a submission reads pictures'));

/** The providers of videos, without any of which a worker cannot do its work. Its messages wait meanwhile. */
export const prepareVideoProviders = (
  credentials: Credentials,
  readPicture: ReadPicture = readNothing,
): VideoProviderOf =>
  createVideoProviders(
    { registry, variables: currentEnvironment(), credentials },
    { http, now: Date.now, readPicture },
  );

/** The names of the providers of videos that this deployment has an account with. */
export const videoProviderNames = (credentials: Credentials): ReadonlySet<string> =>
  configuredNames(registry.videos, { variables: currentEnvironment(), credentials });

/** The prices that hold here. */
export const readPrices = (): PriceList => createPriceList(registry, currentEnvironment());

/** By provider: what is passed on although nothing is known of it. */
export const extraFields = (): Record<string, readonly string[]> =>
  Object.fromEntries(
    registry.videos.map((descriptor) => [
      descriptor.name,
      readProviderSettings(descriptor, currentEnvironment()).extraFields,
    ]),
  );

/** Where the provider of a task may report on it; `undefined` where it cannot reach us, or reports nothing. */
export const webhookUrlFor = (
  { id: taskId, resolvedModel }: { id: string; resolvedModel: string },
  publicUrl: string | undefined,
  signingKey: string,
): string | undefined => {
  const provider = registry.findModel(resolvedModel)?.provider;
  const descriptor = registry.videos.find(({ name }) => name === provider);
  if (publicUrl === undefined || descriptor?.readWebhook === undefined) return undefined;
  return canReachWebhook(publicUrl, readProviderSettings(descriptor, currentEnvironment()).baseUrl)
    ? webhookUrl(publicUrl, { provider: descriptor.name, taskId }, signingKey)
    : undefined;
};

/** Whether pictures were stored for a request. */
export const hasAssets = (request: VideoRequest): boolean =>
  registry.videos.some(({ requests }) => requests.assetsIn(request).length > 0);
