import { createAssetStore } from '../lib/assets/asset-store.ts';
import { accessFromEnvironment } from '../lib/aws/access.ts';
import { createLazyS3Bucket } from '../lib/aws/lazy-s3-bucket.ts';
import { ConfigError, type Credentials, loadConfig, requireLinkSigningKey } from '../lib/config.ts';
import { createGenerateForTask } from '../lib/images/generate-for-task.ts';
import { createInFlightLimit } from '../lib/keys/in-flight-limit.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import { registry } from '../lib/providers/registry.ts';
import { createMakeImageTask } from '../lib/tasks/make-image-task.ts';
import { createSubmitTask } from '../lib/tasks/submit-task.ts';
import { submitMessage } from '../lib/tasks/wake-ups.ts';
import { fetchCredentials } from './bootstrap/credentials.ts';
import { forEachRecord } from './bootstrap/for-each-record.ts';
import { keepCurrent } from './bootstrap/keep-current.ts';
import {
  hasAssets,
  prepareImageProviders,
  requireVideoProvider,
  videoProviderNames,
  webhookUrlFor,
} from './bootstrap/providers.ts';
import { createFunctionLog, createPorts, createTaskDependencies } from './bootstrap/task-dependencies.ts';

type Work = (taskId: string) => Promise<void>;

const config = loadConfig();
const aws = accessFromEnvironment();
const credentials = await fetchCredentials(config, aws);
const dependencies = createTaskDependencies(
  config,
  createPorts(config, aws),
  createFunctionLog(config, 'submit-video'),
);
const assets = createAssetStore(createLazyS3Bucket(config.ASSETS_BUCKET, aws));
const { PUBLIC_URL: publicUrl } = config;

const prepareVideos = (credentials: Credentials): Work =>
  createSubmitTask({
    ...dependencies,
    maxInFlight: createInFlightLimit({
      workspaces: createWorkspaceStore(dependencies.table),
      now: dependencies.now,
    }),
    provider: requireVideoProvider(credentials, assets.readInput),
    pushUrlFor: (taskId) => webhookUrlFor(taskId, publicUrl, requireLinkSigningKey(credentials)),
    discardInputs: async (taskId, request) => {
      if (hasAssets(request)) await assets.deleteInputs(taskId);
    },
  });

type ImageProviders = ReturnType<typeof prepareImageProviders>;
const prepareImages = (credentials: Credentials, imageProviders: ImageProviders): Work => {
  if (publicUrl === undefined) throw new ConfigError('environment: PUBLIC_URL: links to images need it');
  const make = createGenerateForTask({
    ...dependencies,
    registry,
    imageProviders,
    assets,
    linkSigningKey: requireLinkSigningKey(credentials),
    publicUrl,
  });
  return createMakeImageTask({ ...dependencies, make });
};

/** Messages for a provider that was taken away wait for it, and end among the dead letters. */
const notSetUp: Work = () =>
  Promise.reject(new ConfigError('credentials: those of the provider are missing'));

const prepare = (credentials: Credentials) => {
  const imageProviders = prepareImageProviders(config, credentials);
  const makeImages =
    Object.keys(imageProviders).length > 0 ? prepareImages(credentials, imageProviders) : undefined;
  // Without any provider this fails, and says what is missing.
  const submitVideo =
    videoProviderNames(credentials).size > 0 || makeImages === undefined
      ? prepareVideos(credentials)
      : undefined;
  return { video: submitVideo ?? notSetUp, image: makeImages ?? notSetUp };
};

const currentWork = keepCurrent({
  credentials,
  read: () => fetchCredentials(config, aws),
  build: prepare,
  ...dependencies,
});

export const handler = forEachRecord(
  submitMessage,
  async ({ taskId, kind }) => (await currentWork())[kind === 'image' ? 'image' : 'video'](taskId),
  dependencies.log,
);
