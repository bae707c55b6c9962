import { type Config, ConfigError } from '../lib/config.ts';
import type { VideoProvider } from '../lib/providers/provider.ts';
import { createVideoProvider } from '../lib/providers/registry.ts';
import { fetchCredentials } from './credentials.ts';

type ReadPicture = (assetId: string) => Promise<Uint8Array>;

const readNothing: ReadPicture = () => Promise.reject(new Error('only a submission reads pictures'));

/** The provider, without which a worker cannot do its work. Its messages wait meanwhile. */
export const requireVideoProvider = async (
  config: Config,
  readPicture: ReadPicture = readNothing,
): Promise<{ provider: VideoProvider; linkSigningKey: string }> => {
  const credentials = await fetchCredentials(config);
  const provider = createVideoProvider({ config, credentials, fetch, now: Date.now, readPicture });
  if (provider === undefined)
    throw new ConfigError('credentials: set KLING_API_KEY, or KLING_ACCESS_KEY and KLING_SECRET_KEY');
  return { provider, linkSigningKey: credentials.LINK_SIGNING_KEY };
};
