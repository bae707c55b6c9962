import type { QueueName } from '../../lib/limits.ts';
import type { QueueUrls } from '../../lib/tasks/wake-ups.ts';
import { loopback } from './loopback.ts';

/** What `cdk deploy` makes on AWS has these names on one machine. */
export const tableName = 'clearmaas';
export const bucketName = 'clearmaas-assets';
export const region = 'us-east-1';
const accountId = '000000000000';

export const deadLetterQueueOf = (name: QueueName): string => `${name}-dead`;

export const queueArn = (name: string): string => `arn:aws:sqs:${region}:${accountId}:${name}`;

/** `database`: DynamoDB. `queues`: SQS and S3. */
export type CloudPorts = { database: number; queues: number };

const queuesOn = (ports: CloudPorts): string => `http://${loopback}:${ports.queues}`;

/** Where the queues are, or with `deadLetterQueueOf` their dead letters. */
export const queueUrlsOn = (
  ports: CloudPorts,
  nameOf: (queue: QueueName) => string = (queue) => queue,
): QueueUrls => {
  const urlOf = (queue: QueueName) => `${queuesOn(ports)}/${accountId}/${nameOf(queue)}`;
  return {
    submissions: urlOf('submissions'),
    images: urlOf('images'),
    polls: urlOf('polls'),
    callbacks: urlOf('callbacks'),
  };
};

/** The SDK's settings and those of the functions, for an embedded cloud that listens on these ports. */
export const cloudEnvironment = (ports: CloudPorts) => {
  const queues = queuesOn(ports);
  const queueUrls = queueUrlsOn(ports);
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: `http://${loopback}:${ports.database}`,
    AWS_ENDPOINT_URL_SQS: queues,
    AWS_ENDPOINT_URL_S3: queues,
    TABLE_NAME: tableName,
    ASSETS_BUCKET: bucketName,
    SUBMISSIONS_QUEUE_URL: queueUrls.submissions,
    IMAGES_QUEUE_URL: queueUrls.images,
    POLLS_QUEUE_URL: queueUrls.polls,
    CALLBACKS_QUEUE_URL: queueUrls.callbacks,
  };
};
export type CloudEnvironment = ReturnType<typeof cloudEnvironment>;

/** Settings of a developer's own AWS account, each of which would lead the SDK away from the embedded cloud. */
export const foreignVariables = [
  'AWS_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_ENDPOINT_URL',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_LAMBDA_FUNCTION_NAME',
  'CREDENTIALS_SECRET_IDS',
] as const;
