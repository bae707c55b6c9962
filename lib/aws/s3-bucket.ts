import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { AwsAccess } from './access.ts';
import type { Bucket, ObjectHeaders, OpenedObject } from './bucket.ts';
import { clientSettings } from './client-settings.ts';
import { namingOperations } from './naming-operations.ts';

/** The least that S3 takes for any part but the last. */
const partBytes = 5 * 2 ** 20;

export const createS3Bucket = (name: string, access: AwsAccess): Bucket => {
  const client = new S3Client({
    ...clientSettings(access, 's3'),
    // An embedded server has no host name for each bucket.
    forcePathStyle: access.endpoints.s3 !== undefined,
    disableS3ExpressSessionAuth: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    sigv4aSigningRegionSet: [access.region],
    useArnRegion: false,
  });
  client.middlewareStack.use(namingOperations());
  const objectAt = (Key: string) => ({ Bucket: name, Key });

  return {
    async put(key, Body, headers = {}) {
      await client.send(new PutObjectCommand({ ...objectAt(key), Body, ...inputOf(headers) }));
    },
    async putStream(key, chunks, headers, signal) {
      signal?.throwIfAborted();
      const Body = Readable.from(chunks, { objectMode: false });
      const params = { ...objectAt(key), Body, ...inputOf(headers) };
      // Each part under way is held in memory.
      const upload = new Upload({ client, params, partSize: partBytes, queueSize: 1 });
      const giveUp = () => void upload.abort();
      signal?.addEventListener('abort', giveUp, { once: true });
      try {
        await upload.done();
      } finally {
        signal?.removeEventListener('abort', giveUp);
      }
    },
    async get(key) {
      const { Body } = await client.send(new GetObjectCommand(objectAt(key)));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async open(key, { range, onlyHeaders = false } = {}) {
      const input = { ...objectAt(key), Range: range };
      try {
        if (onlyHeaders) return { headers: headersOf(await client.send(new HeadObjectCommand(input))) };
        const object = await client.send(new GetObjectCommand(input));
        const body: OpenedObject['body'] | undefined = object.Body?.transformToWebStream();
        return { headers: headersOf(object), ...(body && { body }) };
      } catch (error) {
        return openingFailure(error);
      }
    },
    async listKeys(Prefix) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix }));
      return Contents.flatMap(({ Key }) => Key ?? []);
    },
    async delete(key) {
      await client.send(new DeleteObjectCommand(objectAt(key)));
    },
    link: (key, lifeTimeSeconds) =>
      getSignedUrl(client, new GetObjectCommand(objectAt(key)), { expiresIn: lifeTimeSeconds }),
  };
};

const inputOf = (headers: ObjectHeaders) => ({
  ContentType: headers['content-type'] ?? 'application/octet-stream',
  ContentDisposition: headers['content-disposition'],
  CacheControl: headers['cache-control'],
});

const headersOf = (object: HeadObjectCommandOutput | GetObjectCommandOutput): Record<string, string> => {
  const headers = {
    'accept-ranges': 'bytes',
    'content-type': object.ContentType,
    'content-length': object.ContentLength?.toString(),
    'content-range': object.ContentRange,
    'content-disposition': object.ContentDisposition,
    'cache-control': object.CacheControl,
    etag: object.ETag,
    'last-modified': object.LastModified?.toUTCString(),
  };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};

/** Who may not list a bucket is told that what is not there is forbidden. */
const openingFailure = (error: unknown): 'no-such-part' | undefined => {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (status === 416) return 'no-such-part';
  if (status === 404 || status === 403) return undefined;
  throw error;
};
