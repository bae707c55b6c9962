import { createAssetStore } from '../lib/assets/asset-store.ts';
import { createLazyS3Bucket } from '../lib/aws/lazy-s3-bucket.ts';
import { requireLinkSigningKey } from '../lib/config.ts';
import { createInFlightLimit } from '../lib/keys/in-flight-limit.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import { taskMessage } from '../lib/tasks/wake-ups.ts';
import { openAccounts } from '../lib/usage/accounts.ts';
import { createSubmitVideo } from '../lib/videos/submit-video.ts';
import { fetchCredentials } from './bootstrap/credentials.ts';
import { forEachRecord } from './bootstrap/for-each-record.ts';
import { keepCurrent } from './bootstrap/keep-current.ts';
import { hasAssets, linkToFile, prepareVideoProviders, webhookUrlFor } from './bootstrap/providers.ts';
import { startWorker } from './bootstrap/task-dependencies.ts';

const { config, aws, dependencies } = startWorker('submit-video', openAccounts);
const assets = createAssetStore(createLazyS3Bucket(config.ASSETS_BUCKET, aws));
const maxInFlight = createInFlightLimit({
  workspaces: createWorkspaceStore(dependencies.table),
  now: dependencies.now,
});
const read = () => fetchCredentials(config, aws);

const currentSubmit = keepCurrent({
  credentials: await read(),
  read,
  build: (credentials) => {
    const linkSigningKey = requireLinkSigningKey(credentials);
    return createSubmitVideo({
      ...dependencies,
      maxInFlight,
      providerOf: prepareVideoProviders(credentials, {
        ...dependencies,
        readPicture: assets.readInput,
        linkTo: linkToFile(config, linkSigningKey),
      }),
      webhookUrlFor: (task) => webhookUrlFor(task, config.PUBLIC_URL, linkSigningKey),
      discardInputs: async (taskId, request) => {
        if (hasAssets(request)) await assets.deleteInputs(taskId);
      },
      copiesResults: config.COPY_RESULTS,
    });
  },
  ...dependencies,
});

export const handler = forEachRecord(
  taskMessage,
  async ({ taskId }) => (await currentSubmit())(taskId),
  dependencies.log,
);
