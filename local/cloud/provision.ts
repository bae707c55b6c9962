import { CreateTableCommand, ResourceInUseException, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { maxReceiveCount, type QueueName, queueNames, queueVisibilitySeconds } from '../../lib/limits.ts';
import { bucketName, deadLetterQueueOf, queueArn, tableName } from './layout.ts';
import type { SdkClients } from './sdk-clients.ts';

/** Makes what `cdk deploy` makes. What is already there stays as it is. */
export const provision = async ({ dynamoDb, sqs, s3 }: SdkClients): Promise<void> => {
  await Promise.all([
    createTable(dynamoDb),
    ...queueNames.map((name) => createQueue(sqs, name)),
    createBucket(s3),
  ]);
};

/** A table that is still being made refuses what it is asked. In seconds. */
const tableWait = { maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.1 };

const createTable = async (dynamoDb: SdkClients['dynamoDb']) => {
  try {
    await dynamoDb.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
          { AttributeName: 'workspaceId', AttributeType: 'S' },
          { AttributeName: 'createdOrder', AttributeType: 'S' },
          { AttributeName: 'endedOrder', AttributeType: 'S' },
          { AttributeName: 'dueShard', AttributeType: 'N' },
          { AttributeName: 'dueAtMs', AttributeType: 'N' },
        ],
        KeySchema: keys('pk', 'sk'),
        GlobalSecondaryIndexes: [
          index('by-workspace', keys('workspaceId', 'createdOrder')),
          index('by-end', keys('workspaceId', 'endedOrder')),
          index('by-due', keys('dueShard', 'dueAtMs')),
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client: dynamoDb, ...tableWait }, { TableName: tableName });
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
const createQueue = async (sqs: SdkClients['sqs'], name: QueueName) => {
  const deadLetters = deadLetterQueueOf(name);
  await sqs.send(new CreateQueueCommand({ QueueName: deadLetters }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const deadLetterTargetArn = queueArn(deadLetters);
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: {
        VisibilityTimeout: String(queueVisibilitySeconds(name)),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
      },
    }),
  );
};

const createBucket = async (s3: SdkClients['s3']) => {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucketName }));
  } catch {
    await s3.send(new CreateBucketCommand({ Bucket: bucketName }));
  }
};
