import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { type AwsAccess, accessFromEnvironment, createAccess } from '../../lib/aws/access.ts';
import { readSecret } from '../../lib/aws/read-secret.ts';
import { createSqsQueues } from '../../lib/aws/sqs-queues.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

describe('a service is asked', () => {
  const accessIn = (variables: Record<string, string>) =>
    createAccess('us-east-1', { accessKeyId: '', secretAccessKey: '' }, variables);

  it('at AWS', () => {
    expect(accessIn({})).toMatchObject({
      endpoints: {},
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
    });
  });

  it('elsewhere where a variable says so, best one that names it', () => {
    const variables = { AWS_ENDPOINT_URL: 'http://all.test:1', AWS_ENDPOINT_URL_SQS: 'http://sqs.test:2' };
    expect(accessIn(variables).endpoints).toMatchObject({
      sqs: 'http://sqs.test:2',
      s3: 'http://all.test:1',
    });
  });

  it('at its FIPS or dual-stack endpoint where a variable says so', () => {
    const variables = { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' };
    expect(accessIn(variables)).toMatchObject({ useFipsEndpoint: true, useDualstackEndpoint: true });
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

describe('what is asked of another endpoint', () => {
  let server: AnsweringServer;
  let aws: AwsAccess;
  beforeAll(async () => {
    server = await startAnsweringServer();
    aws = createAccess('us-east-1', accessFromEnvironment().credentials, { AWS_ENDPOINT_URL: server.url });
  });
  beforeEach(() => server.requests.splice(0));
  afterAll(() => server.close());
  const asked = () => server.requests.map(({ body }) => JSON.parse(body));

  it('a message carries its delay and its group', async () => {
    const message = { QueueUrl: 'polls', MessageBody: '{}', DelaySeconds: 5, MessageGroupId: 'ws_one' };
    server.answer({ status: 200, body: { MD5OfMessageBody: '99914b932bd37a50b983c5e7c90ae93b' } });
    await createSqsQueues(aws).send(message);
    expect(asked()).toEqual([message]);
  });

  it('a secret is read as text', async () => {
    server.answer({ status: 200, body: { SecretString: '{"KLING_API_KEY":"…"}' } });
    expect(await readSecret(aws, 'providers')).toBe('{"KLING_API_KEY":"…"}');
    expect(asked()).toEqual([{ SecretId: 'providers' }]);
  });

  it('a secret that holds no text is empty', async () => {
    server.answer({ status: 200, body: { SecretBinary: 'AAAA' } });
    expect(await readSecret(aws, 'providers')).toBe('');
  });
});
