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
type Deployment = Omit<Setup, 'registries'>;

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
  { registries, ...deployment }: Setup,
  dependencies: ImageDependencies,
): ProviderSets => ({
  live: providerSet(registries.live, deployment, dependencies),
  test: providerSet(registries.test, deployment, dependencies),
});

const providerSet = <Live extends boolean>(
  registry: Registry<Live>,
  deployment: Deployment,
  dependencies: ImageDependencies,
): ProviderSet<Live> => ({
  registry,
  videoProviders: new Set(withAccounts(registry.videos, deployment).map(({ descriptor }) => descriptor.name)),
  imageProviders: Object.fromEntries(
    withAccounts(registry.images, deployment).map(({ descriptor, account }) => [
      descriptor.name,
      descriptor.create(account, dependencies),
    ]),
  ),
});

/** Those that the deployment has an account with. */
const withAccounts = <Descriptor extends ProviderDescriptor<boolean>>(
  descriptors: readonly Descriptor[],
  { variables, credentials }: Deployment,
) =>
  descriptors.flatMap((descriptor) => {
    const account = accountOf(descriptor, variables, credentials);
    return account === undefined ? [] : [{ descriptor, account }];
  });

/**
 * The providers of videos that a deployment has an account with. Throws a `ConfigError` for a task of any other: it waits
 * meanwhile.
 */
export const createVideoProviders = (
  { registries, ...deployment }: Setup,
  dependencies: VideoDependencies,
): VideoProviderOf => {
  const providersOf = {
    live: videoProviders(registries.live, deployment, dependencies),
    test: videoProviders(registries.test, deployment, dependencies),
  };
  return (task) => chosenBy(providersOf, task)(task.resolvedModel);
};

const videoProviders = (
  registry: Registry,
  deployment: Deployment,
  dependencies: VideoDependencies,
): ((modelId: string) => VideoProvider) => {
  const providers = new Map(
    withAccounts(registry.videos, deployment).map(({ descriptor, account }) => [
      descriptor.name,
      descriptor.create(account, dependencies),
    ]),
  );
  return (modelId) => {
    const model = registry.findModel(modelId);
    const provider = providers.get(model?.provider ?? '');
    if (provider === undefined)
      throw missingAccount(registry.videos.filter(({ name }) => name === model?.provider));
    return provider;
  };
};
