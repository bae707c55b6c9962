import { createHash } from 'node:crypto';
import type { Bucket, Chunks } from '../aws/bucket.ts';
import { type FileKind, kindOfFile, newFileId } from './file-id.ts';
import { recogniseImageType } from './image-type.ts';

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
  /** Stores an image. Throws {@link NotAnImageError} when it is neither PNG, JPEG nor WebP. */
  putImage(bytes: Uint8Array, kind?: 'file' | 'result'): Promise<StoredImage>;
  /** Stores an MP4 as it arrives, in place of whatever has this name. `signal` gives it up. */
  putVideo(fileId: string, chunks: Chunks, signal?: AbortSignal): Promise<void>;
  readFile(fileId: string): Promise<Buffer>;
  /** Opens a file, or a part of it, as {@link Bucket.open} does. */
  openFile(fileId: string, options: Parameters<Bucket['open']>[1]): ReturnType<Bucket['open']>;
  /** None is no error. */
  deleteFile(fileId: string): Promise<void>;
  /** A link straight into the bucket that works for {@link bucketLinkSeconds}. */
  bucketLink(fileId: string): Promise<string>;
};

export const createAssetStore = (bucket: Bucket): AssetStore => ({
  async putInput(taskId, bytes) {
    const assetId = `${taskId}/${createHash('sha256').update(bytes).digest('hex')}`;
    const contentType = recogniseImageType(bytes)?.contentType;
    await bucket.put(
      inputKey(assetId),
      bytes,
      contentType === undefined ? {} : { 'content-type': contentType },
    );
    return assetId;
  },

  readInput: (assetId) => bucket.get(inputKey(assetId)),

  async deleteInputs(taskId) {
    const keys = await bucket.listKeys(inputKey(`${taskId}/`));
    await Promise.all(keys.map(bucket.delete));
  },

  async putImage(bytes, kind = 'file') {
    const type = recogniseImageType(bytes);
    if (type === undefined)
      throw new NotAnImageError('the content is neither a PNG, a JPEG nor a WebP image');
    const fileId = newFileId(kind);
    // In parts, where one would be too large.
    await bucket.putStream(fileKey(fileId), [bytes], fileHeaders(fileId, type));
    return { fileId, contentType: type.contentType, sizeBytes: bytes.length };
  },

  putVideo: (fileId, chunks, signal) =>
    bucket.putStream(fileKey(fileId), chunks, fileHeaders(fileId, mp4), signal),

  readFile: (fileId) => bucket.get(fileKey(fileId)),

  openFile: (fileId, options) => bucket.open(fileKey(fileId), options),

  deleteFile: (fileId) => bucket.delete(fileKey(fileId)),

  bucketLink: (fileId) => bucket.link(fileKey(fileId), bucketLinkSeconds),
});

const mp4 = { contentType: 'video/mp4', extension: 'mp4' };
const fileHeaders = (fileId: string, { contentType, extension }: typeof mp4) => ({
  'content-type': contentType,
  'content-disposition': `inline; filename="${fileId}.${extension}"`,
  'cache-control': 'private, max-age=86400, immutable',
});

const inputKey = (assetId: string) => `inputs/${assetId}`;
/** The bucket forgets each folder at its own time; `cdk/constructs/assets-bucket.ts` says when. */
const folders: Record<FileKind, string> = { file: 'images', result: 'results', clip: 'images' };
const fileKey = (fileId: string) => `${folders[kindOfFile(fileId) ?? 'file']}/${fileId}`;
