import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { AwsAccess } from './access.ts';
import type { Bucket, ObjectHeaders } from './bucket.ts';
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
    async putStream(key, bytes, headers, signal) {
      signal?.throwIfAborted();
      const Body = Readable.from(bytes, { objectMode: false });
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
