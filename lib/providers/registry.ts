import type { Config, Credentials } from '../config.ts';
import type { Clock } from '../time.ts';
import type { HttpClient } from './http/client.ts';
import type { KlingCredentials } from './kling/authorization.ts';
import { createKlingProvider } from './kling/kling-provider.ts';
import type { VideoProvider } from './provider.ts';

export type VideoProviderOptions = {
  config: Pick<Config, 'KLING_BASE_URL'>;
  credentials: Credentials;
  http: HttpClient;
  now: Clock;
  /** Reads a picture that was stored with its task. */
  readPicture: (assetId: string) => Promise<Uint8Array>;
};

/** Who makes videos; `undefined` in a deployment without Kling credentials. */
export const createVideoProvider = ({
  config,
  credentials,
  ...shared
}: VideoProviderOptions): VideoProvider | undefined => {
  const klingCredentials = klingCredentialsIn(credentials);
  return (
    klingCredentials &&
    createKlingProvider({ baseUrl: config.KLING_BASE_URL, credentials: klingCredentials, ...shared })
  );
};

/** The API key works for every model, so it goes before the older pair. */
const klingCredentialsIn = (credentials: Credentials): KlingCredentials | undefined => {
  const { KLING_API_KEY: apiKey, KLING_ACCESS_KEY: accessKey, KLING_SECRET_KEY: secretKey } = credentials;
  if (apiKey !== undefined) return { apiKey };
  return accessKey === undefined || secretKey === undefined ? undefined : { accessKey, secretKey };
};

/** Whether this deployment can make videos at all. */
export const canMakeVideos = (credentials: Credentials): boolean =>
  klingCredentialsIn(credentials) !== undefined;
