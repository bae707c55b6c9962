import type { Config, Credentials } from '../../lib/config.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { createImageProviders, type ImageProviders } from '../../lib/providers/image-registry.ts';
import { maxImageBytes } from '../../lib/providers/images/ask.ts';
import { prepareDownload } from './download.ts';

export const prepareImageProviders = (config: Config, credentials: Credentials): ImageProviders =>
  createImageProviders({
    config,
    credentials,
    http: createHttpClient(fetch),
    openLink: prepareDownload(config, maxImageBytes),
  });
