import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { QueueUrls } from '../../lib/tasks/wake-ups.ts';
import { startCloud } from '../../local/cloud/cloud.ts';
import { connectToCloud } from '../../local/cloud/connect.ts';
import {
  bucketName,
  type CloudEnvironment,
  type CloudPorts,
  deadLetterQueueOf,
  tableName,
} from '../../local/cloud/layout.ts';

export type TestCloud = {
  ports: CloudPorts;
  /** What the SDK and the functions read; already set in this process. */
  environment: CloudEnvironment;
  table: DynamoDBDocumentClient;
  tableName: string;
  queues: SQSClient;
  queueUrls: QueueUrls;
  deadLetterUrls: QueueUrls;
  bucket: S3Client;
  bucketName: string;
  stop(): Promise<void>;
};

/** An empty DynamoDB, SQS and S3 in memory, with the product's table, queues and bucket. */
export const startTestCloud = async (): Promise<TestCloud> => {
  const cloud = await startCloud();
  const { environment, disconnect, ...clients } = await connectToCloud(cloud.ports);
  const queueUrls = {
    submissions: environment.SUBMISSIONS_QUEUE_URL,
    polls: environment.POLLS_QUEUE_URL,
    callbacks: environment.CALLBACKS_QUEUE_URL,
  };
  const deadLetterUrl = (name: keyof QueueUrls) => queueUrls[name].replace(name, deadLetterQueueOf(name));
  return {
    ports: cloud.ports,
    environment,
    ...clients,
    tableName,
    queueUrls,
    deadLetterUrls: {
      submissions: deadLetterUrl('submissions'),
      polls: deadLetterUrl('polls'),
      callbacks: deadLetterUrl('callbacks'),
    },
    bucketName,
    stop: async () => {
      disconnect();
      await cloud.stop();
    },
  };
};
