import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectToCloud } from '../../local/cloud/connect.ts';
import { bucketName, tableName } from '../../local/cloud/layout.ts';
import { takeLock } from '../../local/data/folder-lock.ts';
import { openCloud } from '../../local/data/open-cloud.ts';
import { type SupervisedData, superviseData } from '../../local/data/supervisor.ts';
import { patience } from '../support/patience.ts';
import { silentLog } from '../support/silent-log.ts';

let folder: string;
const running: SupervisedData[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clearmaas-data-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((data) => data.stop()));
  await rm(folder, { recursive: true, force: true });
});

const supervise = async (name = folder) => {
  const data = await superviseData(name, silentLog);
  running.push(data);
  return data;
};
const key = { pk: 'TASK#kept', sk: 'TASK' };
const put = { TableName: tableName, Item: key };
const get = { TableName: tableName, Key: key };

describe('the lock of a data folder', () => {
  it('is held by one at a time, and free again after its release', () => {
    const file = join(folder, 'test.lock');
    const first = takeLock(file);
    expect(first).toBeDefined();
    expect(takeLock(file)).toBeUndefined();
    first?.release();
    expect(takeLock(file)).toBeDefined();
  });
});

describe('the supervised data process', () => {
  it('is started again on the same ports when it is killed, with all that was stored', async () => {
    const data = await supervise();
    const { sdk, environment } = await connectToCloud(data.ports);
    const { dynamoDb, sqs, s3 } = sdk;
    const QueueUrl = environment.POLLS_QUEUE_URL;
    await dynamoDb.send(new PutCommand(put));
    await s3.send(new PutObjectCommand({ Bucket: bucketName, Key: 'kept', Body: 'picture' }));
    for (const MessageBody of ['in hand', 'waiting'])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
    const killed = data.processId();
    process.kill(killed ?? 0, 'SIGKILL');
    await expect.poll(data.processId).not.toBe(killed);
    const answer = await vi.waitFor(() => dynamoDb.send(new GetCommand(get)), patience);
    expect(answer.Item).toEqual(key);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucketName, Key: 'kept' }));
    expect(await object.Body?.transformToString()).toBe('picture');
    const received = new Set<string | undefined>();
    while (received.size < 2) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
      for (const { Body } of Messages) received.add(Body);
    }
    expect(received).toEqual(new Set(['in hand', 'waiting']));
  });

  it('uses its remembered ports at the next start', async () => {
    const first = await supervise();
    await first.stop();
    const second = await supervise();
    expect(second.ports).toEqual(first.ports);
  });

  it('runs beside another one on another folder', async () => {
    const [first, second] = await Promise.all([supervise(), supervise(join(folder, 'second'))]);
    expect(new Set([...Object.values(first.ports), ...Object.values(second.ports)]).size).toBe(4);
  });
});

describe('opening the local data', () => {
  it('works beside the process that has it open, and without one', async () => {
    const data = await supervise();
    const beside = await openCloud(folder);
    await beside.sdk.dynamoDb.send(new PutCommand(put));
    await beside.close();
    await data.stop();

    const alone = await openCloud(folder);
    expect((await alone.sdk.dynamoDb.send(new GetCommand(get))).Item).toEqual(key);
    await alone.close();
  });
});
