import { type Config, ConfigError, type Credentials } from '../../lib/config.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import type { VideoProvider } from '../../lib/providers/provider.ts';
import { createVideoProvider } from '../../lib/providers/registry.ts';

type ReadPicture = (assetId: string) => Promise<Uint8Array>;

const readNothing: ReadPicture = () => Promise.reject(new Error('only a submission reads pictures'));

/** The provider, without which a worker cannot do its work. Its messages wait meanwhile. */
export const requireVideoProvider = (
  config: Config,
  credentials: Credentials,
  readPicture: ReadPicture = readNothing,
): VideoProvider => {
  const provider = createVideoProvider({
    config,
    credentials,
    http: createHttpClient(fetch),
    now: Date.now,
    readPicture,
  });
  if (provider === undefined)
    throw new ConfigError('credentials: set KLING_API_KEY, or KLING_ACCESS_KEY and KLING_SECRET_KEY');
  return provider;
};
