import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * Region, credentials and `AWS_ENDPOINT_URL_*` come from the environment, as the SDK reads them by itself.
 * One attempt more than the default: a lost accept costs a client's retry, a lost settle costs a poll.
 */
const common = { maxAttempts: 4 };

export const createTableClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(common), {
    marshallOptions: { removeUndefinedValues: true },
  });

/** A queue's URL names AWS's host even where `AWS_ENDPOINT_URL_SQS` points elsewhere; the endpoint must win. */
export const createQueueClient = (): SQSClient => new SQSClient({ ...common, useQueueUrlAsEndpoint: false });

/** Path style, because an embedded server has no host name per bucket. */
export const createBucketClient = (): S3Client => new S3Client({ ...common, forcePathStyle: true });
