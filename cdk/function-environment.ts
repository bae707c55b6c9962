import type { FunctionEnvironment } from '../lib/config.ts';
import { providerEnvironment } from './provider-settings.ts';
import type { Settings } from './settings.ts';

type Resources = {
  tableName: string;
  submissionsQueueUrl: string;
  imagesQueueUrl: string;
  pollsQueueUrl: string;
  callbacksQueueUrl: string;
  bucketName: string;
};

/** What every function is told. A variable that `lib/config.ts` asks for and this lacks does not compile. */
export const functionEnvironment = (resources: Resources, settings: Settings) =>
  ({
    TABLE_NAME: resources.tableName,
    SUBMISSIONS_QUEUE_URL: resources.submissionsQueueUrl,
    IMAGES_QUEUE_URL: resources.imagesQueueUrl,
    POLLS_QUEUE_URL: resources.pollsQueueUrl,
    CALLBACKS_QUEUE_URL: resources.callbacksQueueUrl,
    ASSETS_BUCKET: resources.bucketName,
    RATE_LIMIT_PER_MINUTE: String(settings.rateLimitPerMinute),
    TASK_RETENTION_DAYS: String(settings.taskRetentionDays),
    DUE_SHARDS: String(settings.dueShards),
    COPY_RESULTS: settings.copyResults ? 'true' : 'false',
    ...(settings.typicalRenderSeconds !== undefined && {
      TYPICAL_RENDER_SECONDS: String(settings.typicalRenderSeconds),
    }),
    ...(settings.prices !== undefined && { PRICES: JSON.stringify(settings.prices) }),
    LOG_LEVEL: settings.logLevel,
    METRICS_NAMESPACE: settings.stackName,
    ...providerEnvironment(settings.providerSettings),
  }) satisfies FunctionEnvironment;
