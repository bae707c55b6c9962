import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud } from '../../local/cloud/cloud.ts';
import { connectToCloud } from '../../local/cloud/connect.ts';
import { bucketName, tableName } from '../../local/cloud/layout.ts';
import { loopback } from '../../local/cloud/loopback.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

const accepts = async (host: string, port: number): Promise<boolean> => {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

describe('the embedded cloud', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startTestCloud();
  });
  afterAll(() => cloud.stop());

  it('can be reached by no other address than 127.0.0.1', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address)
      .filter((address) => address !== loopback);
    for (const port of Object.values(cloud.ports)) {
      expect(await accepts(loopback, port)).toBe(true);
      for (const host of ['127.0.0.2', '::1', ...others])
        expect({ host, reached: await accepts(host, port) }).toEqual({ host, reached: false });
    }
  });

  it('finds a due item by its shard and time', async () => {
    const item = { pk: 'TASK#1', sk: 'TASK', dueShard: 0, dueAtMs: 5 };
    await cloud.sdk.dynamoDb.send(new PutCommand({ TableName: tableName, Item: item }));
    const { Items } = await cloud.sdk.dynamoDb.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'by-due',
        KeyConditionExpression: 'dueShard = :shard AND dueAtMs <= :now',
        ExpressionAttributeValues: { ':shard': 0, ':now': 10 },
      }),
    );
    expect(Items).toEqual([item]);
  });

  it('answers 200 conditional writes of one item with one winner', async () => {
    const put = () =>
      cloud.sdk.dynamoDb.send(
        new PutCommand({
          TableName: tableName,
          Item: { pk: 'TASK#once', sk: 'TASK' },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, put));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('lives on when a client goes away in the middle of its body', async () => {
    await new Promise<void>((resolve) => {
      const endpoint = cloud.environment.AWS_ENDPOINT_URL_DYNAMODB;
      const broken = request(endpoint, { method: 'POST', headers: { 'content-length': '100' } });
      broken.on('error', () => resolve());
      broken.write('half', () => broken.destroy(new Error('gone')));
    });
    const { Item } = await cloud.sdk.dynamoDb.send(
      new GetCommand({ TableName: tableName, Key: { pk: 'TASK#none', sk: 'TASK' } }),
    );
    expect(Item).toBeUndefined();
  });

  it('delivers a message that was sent to the queue URL in the environment', async () => {
    const QueueUrl = cloud.queueUrls.polls;
    await cloud.sdk.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const { Messages } = await cloud.sdk.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }),
    );
    expect(Messages?.map(({ Body }) => Body)).toEqual(['hello']);
  });
});

describe('the embedded cloud on a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clearmaas-cloud-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const startOnFolder = async () => {
    const cloud = await startCloud({ folder });
    return { ...(await connectToCloud(cloud.ports)), stop: cloud.stop };
  };

  it('keeps items, messages and objects, and gives back messages that were being worked on', async () => {
    const first = await startOnFolder();
    const QueueUrl = first.environment.POLLS_QUEUE_URL;
    await first.sdk.dynamoDb.send(
      new PutCommand({ TableName: tableName, Item: { pk: 'TASK#kept', sk: 'TASK' } }),
    );
    await first.sdk.s3.send(new PutObjectCommand({ Bucket: bucketName, Key: 'kept', Body: 'picture' }));
    await first.sdk.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
    await first.sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await first.stop();

    const second = await startOnFolder();
    const key = { pk: 'TASK#kept', sk: 'TASK' };
    const { Item } = await second.sdk.dynamoDb.send(new GetCommand({ TableName: tableName, Key: key }));
    const object = await second.sdk.s3.send(new GetObjectCommand({ Bucket: bucketName, Key: 'kept' }));
    const received = await second.sdk.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: second.environment.POLLS_QUEUE_URL,
        WaitTimeSeconds: 20,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    await second.stop();

    expect(Item).toEqual(key);
    expect(await object.Body?.transformToString()).toBe('picture');
    expect(received.Messages?.[0]).toMatchObject({
      Body: 'kept',
      Attributes: { ApproximateReceiveCount: '2' },
    });
  });
});
