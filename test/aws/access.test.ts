import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import {
  type AwsAccess,
  type AwsService,
  accessFromEnvironment,
  createAccess,
} from '../../lib/aws/access.ts';
import { readSecret } from '../../lib/aws/read-secret.ts';
import { createSqsQueues } from '../../lib/aws/sqs-queues.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

describe('a service is asked', () => {
  const endpoint = (service: AwsService, region: string, variables: Record<string, string> = {}) =>
    createAccess(region, () => ({ accessKeyId: '', secretAccessKey: '' }), variables).endpointOf(service)
      .origin;

  it.each<[AwsService, string, string]>([
    ['dynamodb', 'us-east-1', 'https://dynamodb.us-east-1.amazonaws.com'],
    ['sqs', 'eu-central-1', 'https://sqs.eu-central-1.amazonaws.com'],
    ['secretsmanager', 'us-gov-west-1', 'https://secretsmanager.us-gov-west-1.amazonaws.com'],
    ['s3', 'cn-north-1', 'https://s3.cn-north-1.amazonaws.com.cn'],
  ])('at AWS: %s in %s', (service, region, expected) => {
    expect(endpoint(service, region)).toBe(expected);
  });

  it('elsewhere where a variable says so, best one that names it', () => {
    const variables = { AWS_ENDPOINT_URL: 'http://all.test:1', AWS_ENDPOINT_URL_SQS: 'http://sqs.test:2' };
    expect(endpoint('sqs', 'us-east-1', variables)).toBe('http://sqs.test:2');
    expect(endpoint('s3', 'us-east-1', variables)).toBe('http://all.test:1');
  });
});

test.each(['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const)(
  'a function without %s says what is missing',
  (name) => {
    exportEnvironment({ [name]: undefined });
    expect(accessFromEnvironment).toThrow(`environment: ${name}: must be set`);
    exportEnvironment(cloud.environment);
  },
);

test("a queue is reached at the endpoint, although its URL names AWS's host", async () => {
  const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/callbacks';
  const MessageBody = JSON.stringify({ text: 'ünïcode' });
  await createSqsQueues(accessFromEnvironment()).send({ QueueUrl, MessageBody });
  const { Messages } = await cloud.sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body }) => Body)).toEqual([MessageBody]);
});

test('a message carries its delay and its group', async () => {
  const message = { QueueUrl: 'polls', MessageBody: '{}', DelaySeconds: 5, MessageGroupId: 'ws_one' };
  const sent: unknown[] = [];
  const queues = createSqsQueues({
    ...accessFromEnvironment(),
    async exchange({ body }) {
      sent.push(JSON.parse(body.toString()));
      return { status: 200, headers: {}, body: Buffer.from('{}') };
    },
  });
  await queues.send(message);
  expect(sent).toEqual([message]);
});

describe('a secret', () => {
  const answering = (answer: object): AwsAccess => ({
    ...accessFromEnvironment(),
    exchange: async ({ headers, body }) => {
      expect(headers).toMatchObject({
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      });
      expect(JSON.parse(body.toString())).toEqual({ SecretId: 'providers' });
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
    },
  });

  it('is read as text', async () => {
    expect(await readSecret(answering({ SecretString: '{"KLING_API_KEY":"…"}' }), 'providers')).toBe(
      '{"KLING_API_KEY":"…"}',
    );
  });

  it('that holds no text is empty', async () => {
    expect(await readSecret(answering({ SecretBinary: 'AAAA' }), 'providers')).toBe('');
  });
});
