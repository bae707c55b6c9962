import { fileLinkPath } from '../../lib/assets/file-link.ts';
import type { Table } from '../../lib/aws/table.ts';
import { type Config, type Credentials, currentEnvironment } from '../../lib/config.ts';
import { readProviderSettings } from '../../lib/providers/accounts.ts';
import {
  chosenBy,
  createProviderSets,
  createVideoProviders,
  type ProviderSets,
} from '../../lib/providers/configured.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { maxImageBytes } from '../../lib/providers/images/ask.ts';
import type { ServedTask, VideoProviderOf, VideoRequest } from '../../lib/providers/provider.ts';
import { registries, registry } from '../../lib/providers/registry.ts';
import { createSandboxRenders } from '../../lib/providers/sandbox-renders.ts';
import { canReachWebhook, webhookUrl } from '../../lib/providers/webhook-address.ts';
import { dayMs } from '../../lib/time.ts';
import { createPriceList, type PriceList } from '../../lib/usage/price-list.ts';
import { prepareDownload } from './download.ts';

const http = createHttpClient(fetch);

/** What this deployment can make for live keys and for test keys. */
export const prepareProviderSets = (config: Config, credentials: Credentials): ProviderSets =>
  createProviderSets(
    { registries, variables: currentEnvironment(), credentials },
    { http, openLink: prepareDownload(config, maxImageBytes) },
  );

type VideoParts = {
  table: Table;
  /** Absent: only a submission reads pictures. */
  readPicture?: (assetId: string) => Promise<Uint8Array>;
  /** Absent: only a submission decides what a video of the sandbox is. */
  linkTo?: (fileId: string) => string;
};

const onlyInSubmissions = (): never => {
  throw new Error('only a submission needs this');
};

/** The providers of videos, by the task that they work on. */
export const prepareVideoProviders = (
  credentials: Credentials,
  { table, readPicture = onlyInSubmissions, linkTo = onlyInSubmissions }: VideoParts,
): VideoProviderOf =>
  createVideoProviders(
    { registries, variables: currentEnvironment(), credentials },
    { http, now: Date.now, readPicture, sandbox: { renders: createSandboxRenders(table, Date.now), linkTo } },
  );

/** A link to a file that works as long as a task of today is kept. */
export const linkToFile =
  ({ PUBLIC_URL: publicUrl = '', TASK_RETENTION_DAYS: days }: Config, signingKey: string) =>
  (fileId: string): string =>
    publicUrl + fileLinkPath(fileId, Date.now() + days * dayMs, signingKey);

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
  task: ServedTask & { id: string },
  publicUrl: string | undefined,
  signingKey: string,
): string | undefined => {
  const { findModel, videos } = chosenBy(registries, task);
  const provider = findModel(task.resolvedModel)?.provider;
  const descriptor = videos.find(({ name }) => name === provider);
  if (publicUrl === undefined || descriptor?.readWebhook === undefined) return undefined;
  return canReachWebhook(publicUrl, readProviderSettings(descriptor, currentEnvironment()).baseUrl)
    ? webhookUrl(publicUrl, { provider: descriptor.name, taskId: task.id }, signingKey)
    : undefined;
};

/** Whether pictures were stored for a request. */
export const hasAssets = (request: VideoRequest): boolean =>
  registry.videos.some(({ requests }) => requests.assetsIn(request).length > 0);
