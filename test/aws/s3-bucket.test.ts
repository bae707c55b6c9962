import { buffer } from 'node:stream/consumers';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { type AwsAccess, accessFromEnvironment } from '../../lib/aws/access.ts';
import type { Bucket } from '../../lib/aws/bucket.ts';
import type { AwsAnswer, AwsRequest } from '../../lib/aws/exchange.ts';
import { createS3Bucket } from '../../lib/aws/s3-bucket.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let bucket: Bucket;
/** What was asked, such as `PUT images/a?partNumber`. */
let asked: string[];
/** Answers in place of the bucket. */
let interfere: (request: AwsRequest) => Promise<AwsAnswer> | undefined;
beforeAll(async () => {
  cloud = await startTestCloud();
  const aws = accessFromEnvironment();
  const watched: AwsAccess = {
    ...aws,
    pause: async () => {},
    exchange(request) {
      asked.push(`${request.method} ${request.path.replace(`/${cloud.bucketName}/`, '').replace(/=.*/, '')}`);
      return interfere(request) ?? aws.exchange(request);
    },
  };
  bucket = createS3Bucket(cloud.bucketName, watched);
});
afterAll(() => cloud.stop());
beforeEach(() => {
  asked = [];
  interfere = () => undefined;
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
const answer = (status: number, text: string): Promise<AwsAnswer> =>
  Promise.resolve({ status, headers: {}, body: Buffer.from(text) });

describe('a stream', () => {
  it.each([
    ['that is empty is one put', 0, 0],
    ['that fits into one part is one put', part, 0],
    ['of one byte more is two parts', part + 1, 2],
    ['that fills two parts is two parts', 2 * part, 2],
    ['of any length arrives whole', 2 * part + 12_345, 3],
  ])('%s', async (_what, sizeBytes, parts) => {
    await bucket.putStream('images/stream', inChunks(sizeBytes), png);
    expect(asked).toEqual(
      parts === 0
        ? ['PUT images/stream']
        : [
            'POST images/stream?uploads',
            ...Array(parts).fill('PUT images/stream?partNumber'),
            'POST images/stream?uploadId',
          ],
    );
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
    expect(asked.at(-1)).toBe(`DELETE ${key}?uploadId`);
    expect(await bucket.listKeys(key)).toEqual([]);
  };

  it('when its source breaks off', async () => {
    const breaking = async function* () {
      yield* inChunks(part + 1);
      throw new Error('connection reset');
    };
    await expect(bucket.putStream('images/breaks', breaking(), png)).rejects.toThrow('connection reset');
    await expectGivenUp('images/breaks');
  });

  it('when a part is refused', async () => {
    interfere = ({ path }) =>
      path.includes('partNumber=2') ? answer(403, '<Error><Code>AccessDenied</Code></Error>') : undefined;
    const upload = bucket.putStream('images/refused', inChunks(2 * part), png);
    await expect(upload).rejects.toThrow('s3 UploadPart: AccessDenied');
    await expectGivenUp('images/refused');
  });

  it('when S3 reports a failure after it had answered 200', async () => {
    interfere = ({ path, method }) =>
      method === 'POST' && path.includes('uploadId')
        ? answer(200, '<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>')
        : undefined;
    const upload = bucket.putStream('images/late', inChunks(2 * part), png);
    await expect(upload).rejects.toThrow('InternalError');
    await expectGivenUp('images/late');
  });

  it('when nobody wants it any more', async () => {
    const ending = new AbortController();
    interfere = ({ path, signal }) => {
      if (!path.includes('partNumber=2')) return undefined;
      ending.abort();
      return Promise.reject(signal?.reason);
    };
    const upload = bucket.putStream('images/unwanted', inChunks(3 * part), png, ending.signal);
    await expect(upload).rejects.toThrow();
    expect(asked.filter((what) => what.includes('partNumber'))).toHaveLength(2);
    await expectGivenUp('images/unwanted');
  });
});

test('a part that gets lost is sent again', async () => {
  let lost = 0;
  interfere = ({ path }) => {
    if (!path.includes('partNumber=1') || lost === 3) return undefined;
    lost += 1;
    return Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  };
  await bucket.putStream('images/again', inChunks(2 * part), png);
  expect((await storedBySdk('images/again')).bytes).toHaveLength(2 * part);
});

test('an object that is not there is an error that says so', async () => {
  await expect(bucket.get('images/none')).rejects.toThrow('s3 GetObject: NoSuchKey (HTTP 404)');
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
