import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type FileKind, kindOfFile, newFileId } from './file-id.ts';
import { readFirstBytes } from './first-bytes.ts';
import { imageTypeBytes, recogniseImageType } from './image-type.ts';

/** How long a link into the bucket works. Short, because it cannot outlive the credentials that sign it. */
export const bucketLinkSeconds = 300;

export type StoredImage = { fileId: string; contentType: string; sizeBytes: number };

/** Bytes that came as an image and are none. */
export class NotAnImageError extends Error {
  override readonly name = 'NotAnImageError';
}

/** The one private bucket: inputs that came as bytes wait there for their task, what was made for its caller. */
export type AssetStore = {
  /**
   * Keeps a picture that came with a task and answers its asset id. The id holds the content's hash: a repeated
   * request writes the same again, and another one under the same task id cannot replace it.
   */
  putInput(taskId: string, bytes: Uint8Array): Promise<string>;
  readInput(assetId: string): Promise<Buffer>;
  /** Deletes every input of the task; none is no error. */
  deleteInputs(taskId: string): Promise<void>;
  /** Stores an image as it arrives. Throws {@link NotAnImageError} when it is neither PNG, JPEG nor WebP. */
  putImage(bytes: AsyncIterable<Uint8Array>, kind?: FileKind): Promise<StoredImage>;
  /** Stores an MP4 as it arrives, in place of whatever has this name. `ended` aborts it. */
  putVideo(fileId: string, bytes: AsyncIterable<Uint8Array>, ended: AbortController): Promise<void>;
  /** A link straight into the bucket that works for {@link bucketLinkSeconds}. */
  bucketLink(fileId: string): Promise<string>;
};

export type AssetStoreOptions = { client: S3Client; bucket: string };

export const createAssetStore = ({ client, bucket: Bucket }: AssetStoreOptions): AssetStore => ({
  async putInput(taskId, bytes) {
    const assetId = `${taskId}/${createHash('sha256').update(bytes).digest('hex')}`;
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: inputKey(assetId),
        Body: bytes,
        ContentType: recogniseImageType(bytes)?.contentType,
      }),
    );
    return assetId;
  },

  async readInput(assetId) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: inputKey(assetId) }));
    if (Body === undefined) throw new Error(`the bucket answered no content for input ${assetId}`);
    return Buffer.from(await Body.transformToByteArray());
  },

  async deleteInputs(taskId) {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: inputKey(`${taskId}/`) }),
    );
    const Objects = Contents.map(({ Key }) => ({ Key }));
    if (Objects.length > 0)
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  },

  async putImage(bytes, kind = 'file') {
    const { first, all } = await readFirstBytes(bytes, imageTypeBytes);
    const type = recogniseImageType(first);
    if (type === undefined)
      throw new NotAnImageError('the content is neither a PNG, a JPEG nor a WebP image');
    const fileId = newFileId(kind);
    let sizeBytes = 0;
    const counted = Readable.from(
      (async function* () {
        for await (const chunk of all) {
          sizeBytes += chunk.length;
          yield chunk;
        }
      })(),
      { objectMode: false },
    );
    const upload = new Upload({
      client,
      queueSize: 1,
      params: {
        Bucket,
        Key: fileKey(fileId),
        Body: counted,
        ...fileHeaders(fileId, type),
      },
    });
    await upload.done();
    return { fileId, contentType: type.contentType, sizeBytes };
  },

  async putVideo(fileId, bytes, ended) {
    const upload = new Upload({
      client,
      queueSize: 1,
      abortController: ended,
      params: {
        Bucket,
        Key: fileKey(fileId),
        Body: Readable.from(bytes, { objectMode: false }),
        ...fileHeaders(fileId, mp4),
      },
    });
    await upload.done();
  },

  bucketLink: (fileId) =>
    getSignedUrl(client, new GetObjectCommand({ Bucket, Key: fileKey(fileId) }), {
      expiresIn: bucketLinkSeconds,
    }),
});

type FileType = { contentType: string; extension: string };
const mp4: FileType = { contentType: 'video/mp4', extension: 'mp4' };
const fileHeaders = (fileId: string, { contentType, extension }: FileType) => ({
  ContentType: contentType,
  ContentDisposition: `inline; filename="${fileId}.${extension}"`,
  CacheControl: 'private, max-age=86400, immutable',
});

const inputKey = (assetId: string) => `inputs/${assetId}`;
/** The bucket forgets each folder at its own time; `cdk/constructs/assets-bucket.ts` says when. */
const folders: Record<FileKind, string> = { file: 'images', result: 'results' };
const fileKey = (fileId: string) => `${folders[kindOfFile(fileId) ?? 'file']}/${fileId}`;
