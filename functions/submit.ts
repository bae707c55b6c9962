import { createAssetStore } from '../lib/assets/asset-store.ts';
import { createBucketClient } from '../lib/aws-clients.ts';
import { loadConfig } from '../lib/config.ts';
import { assetsIn } from '../lib/providers/kling/picture-places.ts';
import { canKlingPushTo, klingPushUrl } from '../lib/providers/kling/push-address.ts';
import { createSubmitTask } from '../lib/tasks/submit-task.ts';
import { submitMessage } from '../lib/tasks/wake-ups.ts';
import { forEachRecord } from './for-each-record.ts';
import { createTaskDependencies } from './task-dependencies.ts';
import { requireVideoProvider } from './video-provider.ts';

const config = loadConfig();
const dependencies = createTaskDependencies(config, 'submit');
const assets = createAssetStore({ client: createBucketClient(), bucket: config.ASSETS_BUCKET });
const { provider, linkSigningKey } = await requireVideoProvider(config, assets.readInput);

const pushUrlFor = (taskId: string): string | undefined =>
  config.PUBLIC_URL !== undefined && canKlingPushTo(config.PUBLIC_URL, config.KLING_BASE_URL)
    ? klingPushUrl(config.PUBLIC_URL, taskId, linkSigningKey)
    : undefined;

const submitTask = createSubmitTask({
  ...dependencies,
  provider,
  pushUrlFor,
  discardInputs: async (taskId, request) => {
    if (assetsIn(request).length > 0) await assets.deleteInputs(taskId);
  },
});

export const handler = forEachRecord(submitMessage, ({ taskId }) => submitTask(taskId), dependencies.log);
