import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AssetStore, createAssetStore, NotAnImageError } from '../../lib/assets/asset-store.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let assets: AssetStore;
beforeAll(async () => {
  cloud = await startTestCloud();
  assets = createAssetStore(cloud.bucket);
});
afterAll(() => cloud.stop());

const pngStart = Buffer.from('89504e470d0a1a0a', 'hex');

const keysUnder = async (Prefix: string) => {
  const { Contents = [] } = await cloud.sdk.s3.send(
    new ListObjectsV2Command({ Bucket: cloud.bucketName, Prefix }),
  );
  return Contents.map(({ Key }) => Key);
};

describe('inputs', () => {
  it('gives back the bytes that came with the task', async () => {
    const picture = Buffer.concat([pngStart, Buffer.from('a first frame')]);
    const assetId = await assets.putInput('task_one', picture);
    expect(await assets.readInput(assetId)).toEqual(picture);
  });

  it('names the same content the same, so a repeat changes nothing', async () => {
    const [first, repeated, other] = [
      await assets.putInput('task_repeated', Buffer.from('same')),
      await assets.putInput('task_repeated', Buffer.from('same')),
      await assets.putInput('task_repeated', Buffer.from('other')),
    ];
    expect(repeated).toBe(first);
    expect(other).not.toBe(first);
    expect((await assets.readInput(first)).toString()).toBe('same');
  });

  it("deletes one task's inputs and nobody else's", async () => {
    await assets.putInput('task_a', Buffer.from('1'));
    await assets.putInput('task_a', Buffer.from('2'));
    await assets.putInput('task_ab', Buffer.from('3'));
    await assets.deleteInputs('task_a');
    expect(await keysUnder('inputs/task_a/')).toEqual([]);
    expect(await keysUnder('inputs/task_ab/')).toHaveLength(1);
  });

  it('has nothing to delete for a task that brought no picture', async () => {
    await expect(assets.deleteInputs('task_none')).resolves.toBeUndefined();
  });
});

describe('images', () => {
  it('are served with the bytes and the type that were stored', async () => {
    const image = Buffer.concat([pngStart, Buffer.alloc(200_000, 7)]);
    const stored = await assets.putImage(image);
    const answer = await fetch(await assets.bucketLink(stored.fileId));
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(image);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(answer.headers.get('content-disposition')).toBe(`inline; filename="${stored.fileId}.png"`);
    expect(stored.sizeBytes).toBe(image.length);
  });

  it('may be large', async () => {
    const image = Buffer.concat([pngStart, Buffer.alloc(12_000_000, 3)]);
    const stored = await assets.putImage(image);
    const answer = await fetch(await assets.bucketLink(stored.fileId));
    expect(Buffer.from(await answer.arrayBuffer()).equals(image)).toBe(true);
  });

  it.each([
    ['ffd8ffe0', 'image/jpeg'],
    ['524946460000000057454250', 'image/webp'],
  ])('are recognised by how they begin: %s', async (start, contentType) => {
    const image = Buffer.concat([Buffer.from(start, 'hex'), Buffer.from('rest of a photo')]);
    expect(await assets.putImage(image)).toMatchObject({ contentType });
  });

  it('are not stored when they are no images', async () => {
    const before = await keysUnder('images/');
    await expect(assets.putImage(Buffer.from('<html>no</html>'))).rejects.toThrow(NotAnImageError);
    expect(await keysUnder('images/')).toEqual(before);
  });
});
