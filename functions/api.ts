import { streamHandle } from 'hono/aws-lambda';
import { createApp } from '../lib/api/app.ts';
import { createAssetStore } from '../lib/assets/asset-store.ts';
import { createBucketClient } from '../lib/aws-clients.ts';
import { loadConfig } from '../lib/config.ts';
import { createAuthenticator } from '../lib/keys/authenticate.ts';
import { createKeyStore } from '../lib/keys/key-store.ts';
import { createRateLimiter } from '../lib/keys/rate-limit.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import { canMakeVideos } from '../lib/providers/registry.ts';
import { fetchCredentials } from './credentials.ts';
import { createTaskDependencies } from './task-dependencies.ts';

const config = loadConfig();
const credentials = await fetchCredentials(config);
const dependencies = createTaskDependencies(config, 'api');
const { table, now } = dependencies;

const app = createApp({
  ...dependencies,
  authenticate: createAuthenticator({
    keys: createKeyStore(table, config.TABLE_NAME),
    workspaces: createWorkspaceStore(table, config.TABLE_NAME),
    now,
  }),
  limiter: createRateLimiter({ client: table, tableName: config.TABLE_NAME, now }),
  assets: createAssetStore({ client: createBucketClient(), bucket: config.ASSETS_BUCKET }),
  linkSigningKey: credentials.LINK_SIGNING_KEY,
  settings: {
    isProviderConfigured: canMakeVideos(credentials),
    createsPerMinute: config.RATE_LIMIT_PER_MINUTE,
    retentionDays: config.TASK_RETENTION_DAYS,
    allowPrivateUrls: config.CALLBACK_ALLOW_PRIVATE,
    extraFields: config.KLING_EXTRA_FIELDS,
    typicalSeconds: config.TYPICAL_RENDER_SECONDS,
  },
});

export const handler = streamHandle(app);
