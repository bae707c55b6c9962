import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Queues } from './queues.ts';
import { ConditionFailedError, type ItemKey, type Table } from './table.ts';

/**
 * Region, credentials and `AWS_ENDPOINT_URL_*` come from the environment, as the SDK reads them by itself.
 * One attempt more than the default: a lost accept costs a client's retry, a lost settle costs a poll.
 */
const common = { maxAttempts: 4 };

export const createDynamoDbClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(common), {
    marshallOptions: { removeUndefinedValues: true },
  });

/** A queue's URL names AWS's host even where `AWS_ENDPOINT_URL_SQS` points elsewhere; the endpoint must win. */
export const createSqsClient = (): SQSClient => new SQSClient({ ...common, useQueueUrlAsEndpoint: false });

/** Path style, because an embedded server has no host name per bucket. */
export const createBucketClient = (): S3Client => new S3Client({ ...common, forcePathStyle: true });

export const createTable = (TableName: string, client = createDynamoDbClient()): Table => ({
  get: (input) => client.send(new GetCommand({ TableName, ...input })),
  async put(input) {
    await client.send(new PutCommand({ TableName, ...input })).catch(tellLostCondition);
  },
  update: (input) => client.send(new UpdateCommand({ TableName, ...input })).catch(tellLostCondition),
  async delete(input) {
    await client.send(new DeleteCommand({ TableName, ...input })).catch(tellLostCondition);
  },
  async query(input) {
    const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand({ TableName, ...input }));
    return { Items, LastEvaluatedKey };
  },
  async batchGet(input) {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [TableName]: input } }),
    );
    const left = (UnprocessedKeys?.[TableName]?.Keys ?? []) as ItemKey[];
    return { Items: Responses?.[TableName] ?? [], UnprocessedKeys: left };
  },
});

const tellLostCondition = (error: Error): never => {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  throw new ConditionFailedError(error.message, { cause: error });
};

export const createQueues = (client = createSqsClient()): Queues => ({
  async send(message) {
    await client.send(new SendMessageCommand(message));
  },
});
