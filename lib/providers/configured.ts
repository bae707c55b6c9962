import type { Credentials } from '../config.ts';
import { accountOf, missingAccount } from './accounts.ts';
import type { ImageDependencies, ProviderDescriptor, VideoDependencies } from './descriptor.ts';
import type { ImageProviders } from './image-provider.ts';
import type { VideoProviderOf } from './provider.ts';
import type { Registry } from './registry.ts';

/** What a deployment says of its providers. */
type Setup = {
  registry: Registry;
  variables: Readonly<Record<string, string | undefined>>;
  credentials: Pick<Credentials, 'providers'>;
};

/** The providers of images that a deployment has an account with. */
export const createImageProviders = (
  { registry, variables, credentials }: Setup,
  dependencies: ImageDependencies,
): ImageProviders =>
  Object.fromEntries(
    registry.images.flatMap((descriptor) => {
      const account = accountOf(descriptor, variables, credentials);
      return account === undefined ? [] : [[descriptor.name, descriptor.create(account, dependencies)]];
    }),
  );

/**
 * The providers of videos that a deployment has an account with. Throws a `ConfigError` where there are none, and for a
 * model of a provider that was taken away: its tasks wait meanwhile.
 */
export const createVideoProviders = (
  { registry, variables, credentials }: Setup,
  dependencies: VideoDependencies,
): VideoProviderOf => {
  const providers = new Map(
    registry.videos.flatMap((descriptor) => {
      const account = accountOf(descriptor, variables, credentials);
      return account === undefined ? [] : [[descriptor.name, descriptor.create(account, dependencies)]];
    }),
  );
  if (providers.size === 0) throw missingAccount(registry.videos);
  return (modelId) => {
    const model = registry.findModel(modelId);
    const provider = providers.get(model?.provider ?? '');
    if (provider === undefined)
      throw missingAccount(registry.videos.filter(({ name }) => name === model?.provider));
    return provider;
  };
};

/** The names of those among these that a deployment has an account with. */
export const configuredNames = (
  descriptors: readonly ProviderDescriptor[],
  { variables, credentials }: Omit<Setup, 'registry'>,
): ReadonlySet<string> =>
  new Set(
    descriptors
      .filter((descriptor) => accountOf(descriptor, variables, credentials) !== undefined)
      .map(({ name }) => name),
  );
