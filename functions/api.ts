import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createApp } from '../lib/api/app.ts';
import { createFirstAttempts } from '../lib/api/first-attempts.ts';
import { createKeptAnswers } from '../lib/api/images/kept-answers.ts';
import { createAssetStore } from '../lib/assets/asset-store.ts';
import { accessFromEnvironment } from '../lib/aws/access.ts';
import { createLazyS3Bucket } from '../lib/aws/lazy-s3-bucket.ts';
import { createAttemptStore } from '../lib/callbacks/attempt-store.ts';
import { createEndpointLimiter } from '../lib/callbacks/endpoint-limiter.ts';
import { createEventSender } from '../lib/callbacks/event-sender.ts';
import { createReceiverStore } from '../lib/callbacks/receiver-store.ts';
import { createContinueRecovery, createStartRecovery } from '../lib/callbacks/recovery.ts';
import { createRunningRecovery } from '../lib/callbacks/running-recovery.ts';
import { createSendTest } from '../lib/callbacks/send-test.ts';
import { type Credentials, loadConfig, requireLinkSigningKey } from '../lib/config.ts';
import { createAuthenticator } from '../lib/keys/authenticate.ts';
import { createKeyStore } from '../lib/keys/key-store.ts';
import { createRateLimiter } from '../lib/keys/rate-limit.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import type { Log } from '../lib/observability/log.ts';
import { registry } from '../lib/providers/registry.ts';
import { createWorkspaceEventStore } from '../lib/tasks/workspace-event-store.ts';
import { openAccounts } from '../lib/usage/accounts.ts';
import { createRenderTimes } from '../lib/videos/render-times.ts';
import { fetchCredentials } from './bootstrap/credentials.ts';
import { prepareOpenResult } from './bootstrap/download.ts';
import { keepCurrent } from './bootstrap/keep-current.ts';
import { extraFields, prepareProviderSets, readPrices } from './bootstrap/providers.ts';
import { requireOrigin } from './bootstrap/require-origin.ts';
import { streamAnswers } from './bootstrap/stream-answers.ts';
import {
  createFunctionLog,
  createPorts,
  createTaskDependencies,
  type Ports,
} from './bootstrap/task-dependencies.ts';
import { warmUp } from './bootstrap/warm-up.ts';

const config = loadConfig();
const aws = accessFromEnvironment();
const credentials = await fetchCredentials(config, aws);
const ports = createPorts(config, aws);
const prices = readPrices();
const log = createFunctionLog(config, 'api');
/** Of all that serve requests: what is known need not be read again. */
const renderTimes = createRenderTimes({ table: ports.table, now: Date.now, random: Math.random, log });

const createApi = (ports: Ports, log: Log, credentials: Credentials) => {
  const dependencies = createTaskDependencies(config, ports, log, openAccounts);
  const { table, queues, now, random } = dependencies;
  const workspaces = createWorkspaceStore(table);
  return createApp({
    ...dependencies,
    ledger: dependencies.book,
    registry,
    providers: prepareProviderSets(config, credentials),
    authenticate: createAuthenticator({ keys: createKeyStore(table), workspaces, now }),
    limiter: createRateLimiter({ table, now }),
    assets: createAssetStore(createLazyS3Bucket(config.ASSETS_BUCKET, aws)),
    openResult: prepareOpenResult(config),
    renderTimes,
    firstAttempts: createFirstAttempts(table, now),
    prices,
    workspaceEvents: createWorkspaceEventStore(table, now),
    workspaces,
    attempts: createAttemptStore(table, now),
    sendTest: createSendTest({
      send: createEventSender({ allowPrivate: config.CALLBACK_ALLOW_PRIVATE, now }),
      limiter: createEndpointLimiter({ receivers: createReceiverStore(table, now), now, random }),
      now,
    }),
    keptAnswers: createKeptAnswers(table, now, config.TASK_RETENTION_DAYS),
    startRecovery: createStartRecovery(
      createRunningRecovery(table, now),
      createContinueRecovery(queues, config.CALLBACKS_QUEUE_URL),
    ),
    ...(config.CONSOLE_FOLDER !== undefined && {
      consoleFolder: resolve(import.meta.dirname, config.CONSOLE_FOLDER),
    }),
    linkSigningKey: requireLinkSigningKey(credentials),
    pause,
    settings: {
      createsPerMinute: config.RATE_LIMIT_PER_MINUTE,
      retentionDays: config.TASK_RETENTION_DAYS,
      allowPrivateUrls: config.CALLBACK_ALLOW_PRIVATE,
      extraFields: extraFields(),
      typicalSeconds: config.TYPICAL_RENDER_SECONDS,
      publicUrl: config.PUBLIC_URL,
    },
  });
};

const createServedApi = (credentials: Credentials) => {
  const app = createApi(ports, log, credentials);
  // The router compiles its table when it is first asked.
  app.router.match('GET', '/');
  const { ORIGIN_SECRET: secret } = credentials;
  return requireOrigin(
    app,
    secret === undefined ? undefined : { secret, publicUrl: config.PUBLIC_URL ?? '' },
  );
};

await warmUp(ports, (ports, log) => createApi(ports, log, credentials), registry);
const currentApp = keepCurrent({
  credentials,
  read: () => fetchCredentials(config, aws),
  build: createServedApi,
  log,
  now: Date.now,
});
export const handler = streamAnswers({ fetch: async (request) => (await currentApp()).fetch(request) });
