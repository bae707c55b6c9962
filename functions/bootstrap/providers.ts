import { type Config, type Credentials, currentEnvironment } from '../../lib/config.ts';
import { accountOf, missingAccount, readProviderSettings } from '../../lib/providers/accounts.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import type { ImageProviders } from '../../lib/providers/image-provider.ts';
import { maxImageBytes } from '../../lib/providers/images/ask.ts';
import type { VideoProvider, VideoRequest } from '../../lib/providers/provider.ts';
import { registry } from '../../lib/providers/registry.ts';
import { canReachWebhook, webhookUrl } from '../../lib/providers/webhook-address.ts';
import { prepareDownload } from './download.ts';

const http = createHttpClient(fetch);

/** The providers of images that this deployment has an account with. */
export const prepareImageProviders = (config: Config, credentials: Credentials): ImageProviders => {
  const dependencies = { http, openLink: prepareDownload(config, maxImageBytes) };
  return Object.fromEntries(
    registry.images.flatMap((descriptor) => {
      const account = accountOf(descriptor, currentEnvironment(), credentials);
      return account === undefined ? [] : [[descriptor.name, descriptor.create(account, dependencies)]];
    }),
  );
};

type ReadPicture = (assetId: string) => Promise<Uint8Array>;

const readNothing: ReadPicture = () => Promise.reject(new Error('only a submission reads pictures'));

/** The provider, without which a worker cannot do its work. Its messages wait meanwhile. */
export const requireVideoProvider = (
  credentials: Credentials,
  readPicture: ReadPicture = readNothing,
): VideoProvider => {
  for (const descriptor of registry.videos) {
    const account = accountOf(descriptor, currentEnvironment(), credentials);
    if (account !== undefined) return descriptor.create(account, { http, now: Date.now, readPicture });
  }
  throw missingAccount(registry.videos);
};

/** The names of the providers of videos that this deployment has an account with. */
export const videoProviderNames = (credentials: Credentials): ReadonlySet<string> =>
  new Set(
    registry.videos
      .filter((descriptor) => accountOf(descriptor, currentEnvironment(), credentials) !== undefined)
      .map(({ name }) => name),
  );

/** By provider: what is passed on although nothing is known of it. */
export const extraFields = (): Record<string, readonly string[]> =>
  Object.fromEntries(
    registry.videos.map((descriptor) => [
      descriptor.name,
      readProviderSettings(descriptor, currentEnvironment()).extraFields,
    ]),
  );

/** Where the provider may report on a task; `undefined` where it cannot reach us, or reports nothing. */
export const webhookUrlFor = (
  taskId: string,
  publicUrl: string | undefined,
  signingKey: string,
): string | undefined => {
  const [descriptor] = registry.videos.filter(({ readWebhook }) => readWebhook !== undefined);
  if (publicUrl === undefined || descriptor === undefined) return undefined;
  const { baseUrl } = readProviderSettings(descriptor, currentEnvironment());
  return canReachWebhook(publicUrl, baseUrl)
    ? webhookUrl(publicUrl, { provider: descriptor.name, taskId }, signingKey)
    : undefined;
};

/** Whether pictures were stored for a request. */
export const hasAssets = (request: VideoRequest): boolean =>
  registry.videos.some(({ requests }) => requests.assetsIn(request).length > 0);
