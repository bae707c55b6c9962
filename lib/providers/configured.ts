import type { Credentials } from '../config.ts';
import { accountOf, missingAccount } from './accounts.ts';
import type { ImageDependencies, ProviderDescriptor, VideoDependencies } from './descriptor.ts';
import type { ImageProviders } from './image-provider.ts';
import type { VideoProvider, VideoProviderOf } from './provider.ts';
import type { Registries, Registry } from './registry.ts';

/** What a deployment says of its providers. */
type Setup = {
  registries: Registries;
  variables: Readonly<Record<string, string | undefined>>;
  credentials: Pick<Credentials, 'providers'>;
};
type Account = Omit<Setup, 'registries'>;

/** All that may serve a caller: the catalogue, and those of its providers that the deployment has an account with. */
export type ProviderSet<Live extends boolean = boolean> = {
  registry: Registry<Live>;
  /** By their names. */
  videoProviders: ReadonlySet<string>;
  imageProviders: ImageProviders;
};

/** One set can never stand for the other: each holds descriptors of its own kind. */
export type ProviderSets = { live: ProviderSet<true>; test: ProviderSet<false> };

/** Who serves a workspace, or works on a task: the only place where that is decided. */
export const chosenBy = <Live, Test>(
  { live, test }: { live: Live; test: Test },
  { livemode }: { livemode: boolean },
): Live | Test => (livemode ? live : test);

export const createProviderSets = (
  { registries, ...account }: Setup,
  dependencies: ImageDependencies,
): ProviderSets => ({
  live: providerSet(registries.live, account, dependencies),
  test: providerSet(registries.test, account, dependencies),
});

const providerSet = <Live extends boolean>(
  registry: Registry<Live>,
  account: Account,
  dependencies: ImageDependencies,
): ProviderSet<Live> => ({
  registry,
  videoProviders: configuredNames(registry.videos, account),
  imageProviders: createImageProviders(registry, account, dependencies),
});

const createImageProviders = (
  registry: Registry,
  { variables, credentials }: Account,
  dependencies: ImageDependencies,
): ImageProviders =>
  Object.fromEntries(
    registry.images.flatMap((descriptor) => {
      const account = accountOf(descriptor, variables, credentials);
      return account === undefined ? [] : [[descriptor.name, descriptor.create(account, dependencies)]];
    }),
  );

/**
 * The providers of videos that a deployment has an account with. Throws a `ConfigError` for a task of any other: it waits
 * meanwhile.
 */
export const createVideoProviders = (
  { registries, ...account }: Setup,
  dependencies: VideoDependencies,
): VideoProviderOf => {
  const providersOf = {
    live: videoProviders(registries.live, account, dependencies),
    test: videoProviders(registries.test, account, dependencies),
  };
  return (task) => chosenBy(providersOf, task)(task.resolvedModel);
};

const videoProviders = (
  registry: Registry,
  { variables, credentials }: Account,
  dependencies: VideoDependencies,
): ((modelId: string) => VideoProvider) => {
  const providers = new Map(
    registry.videos.flatMap((descriptor) => {
      const account = accountOf(descriptor, variables, credentials);
      return account === undefined ? [] : [[descriptor.name, descriptor.create(account, dependencies)]];
    }),
  );
  return (modelId) => {
    const model = registry.findModel(modelId);
    const provider = providers.get(model?.provider ?? '');
    if (provider === undefined)
      throw missingAccount(registry.videos.filter(({ name }) => name === model?.provider));
    return provider;
  };
};

const configuredNames = (
  descriptors: readonly ProviderDescriptor<boolean>[],
  { variables, credentials }: Account,
): ReadonlySet<string> =>
  new Set(
    descriptors
      .filter((descriptor) => accountOf(descriptor, variables, credentials) !== undefined)
      .map(({ name }) => name),
  );
