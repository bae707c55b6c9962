import type { FunctionEnvironment } from '../lib/config.ts';
import type { Settings } from './settings.ts';

type Resources = {
  tableName: string;
  submissionsQueueUrl: string;
  pollsQueueUrl: string;
  callbacksQueueUrl: string;
  bucketName: string;
};

/** What every function is told. A variable that `lib/config.ts` asks for and this lacks does not compile. */
export const functionEnvironment = (resources: Resources, settings: Settings) =>
  ({
    TABLE_NAME: resources.tableName,
    SUBMISSIONS_QUEUE_URL: resources.submissionsQueueUrl,
    POLLS_QUEUE_URL: resources.pollsQueueUrl,
    CALLBACKS_QUEUE_URL: resources.callbacksQueueUrl,
    ASSETS_BUCKET: resources.bucketName,
    RATE_LIMIT_PER_MINUTE: String(settings.rateLimitPerMinute),
    TASK_RETENTION_DAYS: String(settings.taskRetentionDays),
    COPY_RESULTS: settings.copyResults ? 'true' : 'false',
    KLING_EXTRA_FIELDS: settings.klingExtraFields.join(','),
    ...(settings.typicalRenderSeconds !== undefined && {
      TYPICAL_RENDER_SECONDS: String(settings.typicalRenderSeconds),
    }),
    LOG_LEVEL: settings.logLevel,
    METRICS_NAMESPACE: settings.stackName,
    ...(settings.klingBaseUrl !== undefined && { KLING_BASE_URL: settings.klingBaseUrl }),
    ...(settings.openaiBaseUrl !== undefined && { OPENAI_BASE_URL: settings.openaiBaseUrl }),
    ...(settings.geminiBaseUrl !== undefined && { GEMINI_BASE_URL: settings.geminiBaseUrl }),
    ...(settings.xaiBaseUrl !== undefined && { XAI_BASE_URL: settings.xaiBaseUrl }),
  }) satisfies FunctionEnvironment;
