import { createApp } from '../lib/api/app.ts';
import { createFirstAttempts } from '../lib/api/first-attempts.ts';
import { createAssetStore } from '../lib/assets/asset-store.ts';
import { createBucketClient } from '../lib/aws/clients.ts';
import { createAttemptStore } from '../lib/callbacks/attempt-store.ts';
import { createEventSender } from '../lib/callbacks/event-sender.ts';
import { createReceiverGate } from '../lib/callbacks/receiver-gate.ts';
import { createReceiverStore } from '../lib/callbacks/receiver-store.ts';
import { createContinueRecovery } from '../lib/callbacks/recovery.ts';
import { createSendTest } from '../lib/callbacks/send-test.ts';
import { loadConfig } from '../lib/config.ts';
import { createAuthenticator } from '../lib/keys/authenticate.ts';
import { createKeyStore } from '../lib/keys/key-store.ts';
import { createRateLimiter } from '../lib/keys/rate-limit.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import { createImageProviders } from '../lib/providers/image-registry.ts';
import { createProviderFetch } from '../lib/providers/images/provider-fetch.ts';
import { canMakeVideos } from '../lib/providers/registry.ts';
import { createRenderTimes } from '../lib/tasks/render-times.ts';
import { fetchCredentials } from './credentials.ts';
import { rehearse } from './rehearsal.ts';
import { streamAnswers } from './stream-answers.ts';
import { createTaskDependencies } from './task-dependencies.ts';

const config = loadConfig();
const credentials = await fetchCredentials(config);
const dependencies = createTaskDependencies(config, 'api');
const { table, queues, now, random } = dependencies;
const workspaces = createWorkspaceStore(table);

const appDependencies = {
  ...dependencies,
  authenticate: createAuthenticator({ keys: createKeyStore(table), workspaces, now }),
  limiter: createRateLimiter({ table, now }),
  assets: createAssetStore({ client: createBucketClient(), bucket: config.ASSETS_BUCKET }),
  renderTimes: createRenderTimes(dependencies),
  firstAttempts: createFirstAttempts(table, now),
  imageProviders: createImageProviders({ config, credentials, fetch: createProviderFetch() }),
  workspaces,
  attempts: createAttemptStore(table, now),
  sendTest: createSendTest({
    send: createEventSender({ allowPrivate: config.CALLBACK_ALLOW_PRIVATE, now }),
    gate: createReceiverGate({ receivers: createReceiverStore(table, now), now, random }),
    now,
  }),
  continueRecovery: createContinueRecovery(queues, config.CALLBACKS_QUEUE_URL),
  linkSigningKey: credentials.LINK_SIGNING_KEY,
  settings: {
    isProviderConfigured: canMakeVideos(credentials),
    createsPerMinute: config.RATE_LIMIT_PER_MINUTE,
    retentionDays: config.TASK_RETENTION_DAYS,
    allowPrivateUrls: config.CALLBACK_ALLOW_PRIVATE,
    extraFields: config.KLING_EXTRA_FIELDS,
    typicalSeconds: config.TYPICAL_RENDER_SECONDS,
    publicUrl: config.PUBLIC_URL,
  },
};

await rehearse(appDependencies, config);
export const handler = streamAnswers(createApp(appDependencies));
