import { setTimeout } from 'node:timers/promises';
import { createAssetStore } from '../lib/assets/asset-store.ts';
import { createLazyS3Bucket } from '../lib/aws/lazy-s3-bucket.ts';
import { ConfigError, requireLinkSigningKey } from '../lib/config.ts';
import { createGenerateForTask } from '../lib/images/generate-for-task.ts';
import { createProcessImageTask } from '../lib/images/process-image-task.ts';
import { taskMessage } from '../lib/tasks/wake-ups.ts';
import { openAccounts } from '../lib/usage/accounts.ts';
import { createMakingCost } from '../lib/usage/making-cost.ts';
import { fetchCredentials } from './bootstrap/credentials.ts';
import { forEachRecord } from './bootstrap/for-each-record.ts';
import { keepCurrent } from './bootstrap/keep-current.ts';
import { prepareProviderSets, readPrices } from './bootstrap/providers.ts';
import { startWorker } from './bootstrap/task-dependencies.ts';

const { config, aws, dependencies } = startWorker('make-image', openAccounts);
const assets = createAssetStore(createLazyS3Bucket(config.ASSETS_BUCKET, aws));
const { PUBLIC_URL: publicUrl } = config;
if (publicUrl === undefined) throw new ConfigError('environment: PUBLIC_URL: links to images need it');
const costOf = createMakingCost(readPrices());
const read = () => fetchCredentials(config, aws);

const currentProcess = keepCurrent({
  credentials: await read(),
  read,
  build: (credentials) => {
    const linkSigningKey = requireLinkSigningKey(credentials);
    return createProcessImageTask({
      ...dependencies,
      pause: (ms) => setTimeout(ms),
      prepare: createGenerateForTask({
        ...dependencies,
        providers: prepareProviderSets(config, credentials),
        assets,
        costOf,
        linkSigningKey,
        publicUrl,
      }),
    });
  },
  ...dependencies,
});

export const handler = forEachRecord(
  taskMessage,
  async ({ taskId }) => (await currentProcess())(taskId),
  dependencies.log,
);
