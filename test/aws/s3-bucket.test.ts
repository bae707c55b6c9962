import { buffer } from 'node:stream/consumers';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { accessFromEnvironment, createAccess } from '../../lib/aws/access.ts';
import type { Bucket } from '../../lib/aws/bucket.ts';
import { createLazyS3Bucket } from '../../lib/aws/lazy-s3-bucket.ts';
import { createS3Bucket } from '../../lib/aws/s3-bucket.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { type ForwardingServer, startForwardingServer } from '../support/forwarding-server.ts';

let cloud: TestCloud;
let way: ForwardingServer;
let bucket: Bucket;
beforeAll(async () => {
  cloud = await startTestCloud();
  way = await startForwardingServer(cloud.ports.queues);
  const variables = { AWS_ENDPOINT_URL_S3: way.url };
  const aws = createAccess('us-east-1', accessFromEnvironment().credentials, variables);
  bucket = createLazyS3Bucket(cloud.bucketName, aws);
});
beforeEach(() => {
  way.asked.length = 0;
  way.refuse(() => false);
});
afterAll(async () => {
  await way.close();
  await cloud.stop();
});

const png = { 'content-type': 'image/png', 'content-disposition': 'inline; filename="a.png"' };
const part = 5 * 2 ** 20;

async function* inChunks(sizeBytes: number, chunkBytes = 100_000) {
  for (let at = 0; at < sizeBytes; at += chunkBytes)
    yield Buffer.alloc(Math.min(chunkBytes, sizeBytes - at), (at / chunkBytes) % 251);
}
const storedBySdk = async (Key: string) => {
  const object = await cloud.sdk.s3.send(new GetObjectCommand({ Bucket: cloud.bucketName, Key }));
  return { ...object, bytes: Buffer.from((await object.Body?.transformToByteArray()) ?? []) };
};

describe('a stream', () => {
  it.each([
    ['that is empty', 0],
    ['that fits into one part', part],
    ['of one byte more', part + 1],
    ['that fills two parts', 2 * part],
    ['of any length', 2 * part + 12_345],
  ])('%s arrives whole', async (_what, sizeBytes) => {
    await bucket.putStream('images/stream', inChunks(sizeBytes), png);
    const stored = await storedBySdk('images/stream');
    expect(stored.bytes.equals(await buffer(inChunks(sizeBytes)))).toBe(true);
    expect(stored).toMatchObject({
      ContentType: 'image/png',
      ContentDisposition: png['content-disposition'],
    });
  });

  it('that comes in one large piece arrives whole', async () => {
    await bucket.putStream('images/piece', inChunks(3 * part, 3 * part), png);
    expect((await storedBySdk('images/piece')).bytes).toHaveLength(3 * part);
  });
});

describe('an upload that is begun and cannot be ended is given up, and nothing is stored,', () => {
  const expectGivenUp = async (key: string) => {
    await expect
      .poll(() => way.asked.at(-1))
      .toMatch(new RegExp(`^DELETE /${cloud.bucketName}/${key}\\?.*uploadId=`));
    expect(await bucket.listKeys(key)).toEqual([]);
  };
  const partsSent = () => way.asked.filter((what) => what.includes('partNumber='));

  it('when its source breaks off', async () => {
    const breaking = async function* () {
      yield* inChunks(2 * part);
      await expect.poll(partsSent).toHaveLength(1);
      throw new Error('connection reset');
    };
    await expect(bucket.putStream('images/breaks', breaking(), png)).rejects.toThrow('connection reset');
    await expectGivenUp('images/breaks');
  });

  it('when a part is refused', async () => {
    way.refuse((what) => what.includes('partNumber=2'));
    const upload = bucket.putStream('images/refused', inChunks(2 * part), png);
    await expect(upload).rejects.toThrow('UploadPart: not allowed');
    await expectGivenUp('images/refused');
  });

  it('when nobody wants it any more', async () => {
    const ending = new AbortController();
    const unwanted = async function* () {
      yield* inChunks(2 * part);
      await expect.poll(partsSent).toHaveLength(1);
      ending.abort();
      yield* inChunks(2 * part);
    };
    await expect(bucket.putStream('images/unwanted', unwanted(), png, ending.signal)).rejects.toThrow();
    await expectGivenUp('images/unwanted');
  });

  it('or not begun at all when nobody wanted it from the start', async () => {
    const upload = bucket.putStream('images/never', inChunks(part), png, AbortSignal.abort());
    await expect(upload).rejects.toThrow();
    expect(way.asked).toEqual([]);
  });
});

test('an object that is not there is an error that says so', async () => {
  await expect(bucket.get('images/none')).rejects.toThrow(/^GetObject: .*does not exist/);
});

test('an object is stored as whatever it is said to be', async () => {
  await bucket.put('inputs/unknown', Buffer.from('bytes'));
  await bucket.put('inputs/known', Buffer.from('bytes'), { 'content-type': 'image/webp' });
  expect((await storedBySdk('inputs/unknown')).ContentType).toBe('application/octet-stream');
  expect((await storedBySdk('inputs/known')).ContentType).toBe('image/webp');
});

test('deleting what is not there is no error', async () => {
  await expect(bucket.delete('inputs/none')).resolves.toBeUndefined();
});

test('a link leads to the object for a time', async () => {
  await bucket.put('images/linked', Buffer.from('bytes'), png);
  const link = await bucket.link('images/linked', 300);
  expect(await (await fetch(link)).text()).toBe('bytes');
  expect(new URL(link).searchParams.get('X-Amz-Expires')).toBe('300');
});

test.each([
  ['eu-central-1', 'assets.s3.eu-central-1.amazonaws.com'],
  ['cn-north-1', 'assets.s3.cn-north-1.amazonaws.com.cn'],
])('on AWS a link names the bucket in the host, as in %s', async (region, host) => {
  const onAws = createAccess(region, accessFromEnvironment().credentials, {});
  expect(new URL(await createS3Bucket('assets', onAws).link('images/a', 300)).host).toBe(host);
});
