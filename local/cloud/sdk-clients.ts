import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** AWS's own clients, for what the product itself never asks: making tables, taking messages, looking on in tests. */
export const createSdkClients = () => ({
  dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient(), {
    marshallOptions: { removeUndefinedValues: true },
  }),
  /** A queue's URL may name AWS's host where `AWS_ENDPOINT_URL_SQS` points elsewhere; the endpoint must win. */
  sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
  /** Path style, because an embedded server has no host name per bucket. */
  s3: new S3Client({ forcePathStyle: true }),
});
export type SdkClients = ReturnType<typeof createSdkClients>;
