import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAssetStore } from '../../lib/assets/asset-store.ts';
import { type CopyResultDependencies, createCopyResult } from '../../lib/assets/copy-result.ts';
import { UnfitContentError } from '../../lib/assets/download.ts';
import { judgeFileLink } from '../../lib/assets/file-link.ts';
import { UnfitLinkError } from '../../lib/assets/follow-link.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let assets: ReturnType<typeof createAssetStore>;
beforeAll(async () => {
  cloud = await startTestCloud();
  assets = createAssetStore(cloud.bucket);
});
afterAll(() => cloud.stop());

const linkSigningKey = 'a-key-for-links';
const expiresAtSeconds = 2_000_000_000;
const mp4 = (bytes: number, filling = 3) =>
  Buffer.concat([Buffer.from('\0\0\0\x20ftypisom', 'latin1'), Buffer.alloc(bytes, filling)]);

async function* chunksOf(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
const copierOf = (content: Buffer, changes: Partial<CopyResultDependencies> = {}) =>
  createCopyResult({
    download: async () => chunksOf(content),
    assets,
    linkSigningKey,
    publicUrl: 'https://gateway.example',
    ...changes,
  });
const ownerOf = (letter: string) => ({ id: `task_${letter.repeat(32)}`, expiresAtSeconds });
const fileOf = async (letter: string) => fetch(await assets.bucketLink(`result_${letter.repeat(32)}`));
const stored = async () => {
  const { Contents = [] } = await cloud.sdk.s3.send(
    new ListObjectsV2Command({ Bucket: cloud.bucketName, Prefix: 'results/' }),
  );
  return Contents.map(({ Key }) => Key);
};

it('keeps the video as it is, under a link that ends with its task', async () => {
  const video = mp4(12_000_000);
  const copy = await copierOf(video)('https://cdn.example/a', ownerOf('a'));
  expect(copy).toMatchObject({ status: 'copied' });
  const link = new URL('url' in copy ? copy.url : '');
  expect(link.origin + link.pathname).toBe(`https://gateway.example/files/result_${'a'.repeat(32)}`);
  const parts = {
    fileId: `result_${'a'.repeat(32)}`,
    expires: link.searchParams.get('expires') ?? '',
    signature: link.searchParams.get('signature') ?? '',
  };
  expect(judgeFileLink(parts, linkSigningKey, (expiresAtSeconds - 1) * 1_000)).toBe('valid');
  expect(judgeFileLink(parts, linkSigningKey, expiresAtSeconds * 1_000)).toBe('expired');
  const answer = await fileOf('a');
  expect(answer.headers.get('content-type')).toBe('video/mp4');
  expect(Buffer.from(await answer.arrayBuffer()).equals(video)).toBe(true);
});

it('does no harm when it is repeated, even at the same time', async () => {
  const video = mp4(6_000_000);
  const copy = () => copierOf(video)('https://cdn.example/b', ownerOf('b'));
  const copies = await Promise.all([copy(), copy(), copy()]);
  expect(copies[1]).toEqual(copies[0]);
  expect(copies[2]).toEqual(copies[0]);
  expect((await stored()).filter((key) => key?.includes('bbbb'))).toHaveLength(1);
  expect(Buffer.from(await (await fileOf('b')).arrayBuffer()).equals(video)).toBe(true);
});

it.each([
  ['ends too early', chunksThenBreak],
  ['is empty', async () => chunksOf(Buffer.alloc(0))],
  ['cannot be opened', () => Promise.reject(new Error('ECONNREFUSED'))],
])('is worth another try, and keeps nothing, when the content %s', async (_what, download) => {
  const before = await stored();
  const copy = await copierOf(mp4(1), { download })('https://cdn.example/c?secret', ownerOf('c'));
  expect(copy).toEqual({ status: 'failed', detail: expect.not.stringContaining('secret') });
  expect(await stored()).toEqual(before);
});

async function chunksThenBreak() {
  return (async function* () {
    yield mp4(7_000_000);
    throw new Error('connection reset');
  })();
}

it('is worth another try when the bucket does not take it', async () => {
  const putVideo = () => Promise.reject(new Error('AccessDenied'));
  const copy = await copierOf(mp4(1), { assets: { putVideo } })('https://cdn.example/d', ownerOf('d'));
  expect(copy).toEqual({ status: 'failed', detail: 'Error: AccessDenied' });
});

it('is worth no other try when the link is not for us', async () => {
  const download = () => Promise.reject(new UnfitLinkError('the link does not use https'));
  const copy = await copierOf(mp4(1), { download })('http://cdn.example/e', ownerOf('e'));
  expect(copy).toEqual({ status: 'impossible', detail: 'the link does not use https' });
});

it('is worth no other try when the content is no MP4', async () => {
  const before = await stored();
  const copy = await copierOf(Buffer.from('<html>Gone</html>'))('https://cdn.example/h', ownerOf('h'));
  expect(copy).toEqual({ status: 'impossible', detail: 'the content is no MP4' });
  expect(await stored()).toEqual(before);
});

it('is worth no other try when the video turns out to be too large on its way', async () => {
  const before = await stored();
  const download = async () =>
    (async function* () {
      yield mp4(7_000_000);
      throw new UnfitContentError('the content is larger than 1000000000 bytes');
    })();
  const copy = await copierOf(mp4(1), { download })('https://cdn.example/g', ownerOf('g'));
  expect(copy).toMatchObject({ status: 'impossible' });
  expect(await stored()).toEqual(before);
});

it('is called off when it takes too long', async () => {
  const seen: AbortSignal[] = [];
  const copy = copierOf(mp4(1), {
    timeLimitMs: 20,
    download: (_link, signal) =>
      new Promise((_resolve, reject) => {
        seen.push(signal);
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  });
  expect(await copy('https://cdn.example/f', ownerOf('f'))).toEqual({
    status: 'failed',
    detail: 'it took too long',
  });
  expect(seen[0]?.aborted).toBe(true);
});
