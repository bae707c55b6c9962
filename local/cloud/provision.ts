import { CreateTableCommand, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  bucketName,
  deadLetterQueueOf,
  maxReceiveCount,
  type QueueName,
  queueArn,
  queueNames,
  tableName,
  visibilityTimeoutSeconds,
} from './layout.ts';

export type CloudClients = { table: DynamoDBDocumentClient; queues: SQSClient; bucket: S3Client };

/** Makes what `cdk deploy` makes. What is already there stays as it is. */
export const provision = async ({ table, queues, bucket }: CloudClients): Promise<void> => {
  await Promise.all([
    createTable(table),
    ...queueNames.map((name) => createQueue(queues, name)),
    createBucket(bucket),
  ]);
};

const createTable = async (table: DynamoDBDocumentClient) => {
  try {
    await table.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
          { AttributeName: 'workspaceId', AttributeType: 'S' },
          { AttributeName: 'createdOrder', AttributeType: 'S' },
          { AttributeName: 'dueShard', AttributeType: 'N' },
          { AttributeName: 'dueAtMs', AttributeType: 'N' },
        ],
        KeySchema: keys('pk', 'sk'),
        GlobalSecondaryIndexes: [
          index('by-workspace', keys('workspaceId', 'createdOrder')),
          index('by-due', keys('dueShard', 'dueAtMs')),
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
};

const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
];

const index = (IndexName: string, KeySchema: ReturnType<typeof keys>) => ({
  IndexName,
  KeySchema,
  Projection: { ProjectionType: 'KEYS_ONLY' as const },
});

/** Attributes are set in a second call, so that a later version may change them on the same data. */
const createQueue = async (queues: SQSClient, name: QueueName) => {
  const deadLetters = deadLetterQueueOf(name);
  await queues.send(new CreateQueueCommand({ QueueName: deadLetters }));
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: name }));
  const deadLetterTargetArn = queueArn(deadLetters);
  await queues.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: {
        VisibilityTimeout: String(visibilityTimeoutSeconds),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
      },
    }),
  );
};

const createBucket = async (bucket: S3Client) => {
  try {
    await bucket.send(new HeadBucketCommand({ Bucket: bucketName }));
  } catch {
    await bucket.send(new CreateBucketCommand({ Bucket: bucketName }));
  }
};
