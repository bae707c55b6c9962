import type { ObjectHeaders } from './bucket.ts';
import type { CallObject } from './s3-bucket.ts';

/** The least that S3 takes for any part but the last. */
const partBytes = 5 * 2 ** 20;

export type Upload = {
  call: CallObject;
  put(key: string, bytes: Uint8Array, headers: ObjectHeaders): Promise<void>;
  key: string;
  headers: ObjectHeaders;
  signal?: AbortSignal | undefined;
};

/**
 * Stores a stream of whatever length: in one piece if it is short, else part by part, of which only one is held at a
 * time. What was begun and cannot be ended is given up, so that its parts do not stay.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export const uploadParts = async (upload: Upload, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
  const { call, put, key, headers, signal } = upload;
  const tags: string[] = [];
  let uploadId: string | undefined;
  try {
    for await (const { part, isLast } of inParts(bytes)) {
      signal?.throwIfAborted();
      if (isLast && uploadId === undefined) return await put(key, part, headers);
      uploadId ??= await begin(upload);
      const query = `?partNumber=${tags.length + 1}&uploadId=${encodeURIComponent(uploadId)}`;
      const answer = await call('UploadPart', key, query, { method: 'PUT', body: part, signal });
      tags.push(String(answer.headers['etag']));
    }
    await complete(upload, uploadId ?? '', tags);
  } catch (error) {
    if (uploadId !== undefined) await giveUp(upload, uploadId);
    throw error;
  }
};

const begin = async ({ call, key, headers, signal }: Upload): Promise<string> => {
  const { body } = await call('CreateMultipartUpload', key, '?uploads=', { method: 'POST', headers, signal });
  const [, uploadId] = /<UploadId>([^<]+)</.exec(body.toString()) ?? [];
  if (uploadId === undefined) throw new Error('s3 CreateMultipartUpload: the answer names no upload');
  return uploadId;
};

const complete = async ({ call, key, signal }: Upload, uploadId: string, tags: string[]): Promise<void> => {
  const parts = tags.map(
    (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
  );
  const { body } = await call('CompleteMultipartUpload', key, `?uploadId=${encodeURIComponent(uploadId)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
    signal,
  });
  // S3 answers 200 before it is done, and so may still report a failure.
  if (body.includes('<Error>')) throw new Error(`s3 CompleteMultipartUpload: ${body}`);
};

/** What stays nevertheless is deleted by the bucket's lifecycle rule. */
const giveUp = async ({ call, key }: Upload, uploadId: string): Promise<void> => {
  const query = `?uploadId=${encodeURIComponent(uploadId)}`;
  await call('AbortMultipartUpload', key, query, { method: 'DELETE' }).catch(() => {});
};

/** There is always a last part, perhaps an empty one; all before it have the same size. */
async function* inParts(bytes: AsyncIterable<Uint8Array>) {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of bytes) {
    held.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes > partBytes) {
      const all = Buffer.concat(held);
      held = [all.subarray(partBytes)];
      heldBytes -= partBytes;
      yield { part: all.subarray(0, partBytes), isLast: false };
    }
  }
  yield { part: Buffer.concat(held), isLast: true };
}
