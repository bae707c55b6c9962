import aws4 from 'aws4';
import { secondMs } from '../time.ts';
import type { AwsAccess } from './access.ts';
import type { Bucket } from './bucket.ts';
import { callAws } from './call.ts';
import type { AwsAnswer, AwsRequest } from './exchange.ts';
import { uploadParts } from './upload-parts.ts';

/** Long enough for a part over a slow line. */
const deadlineMs = 60 * secondMs;

export type S3Call = Pick<AwsRequest, 'method'> & Partial<Pick<AwsRequest, 'headers' | 'body' | 'signal'>>;
/** Asks for one object, with a query such as `?uploads=`. */
export type CallObject = (operation: string, key: string, query: string, call: S3Call) => Promise<AwsAnswer>;

/** The name of the bucket stands in the path, because an embedded server has no host name for each. */
export const createS3Bucket = (name: string, access: AwsAccess): Bucket => {
  const callObject: CallObject = (operation, key, query, { headers = {}, body = '', ...call }) =>
    callAws(access, {
      service: 's3',
      operation,
      path: `/${name}/${key}${query}`,
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body,
      deadlineMs,
      ...call,
    });

  const put: Bucket['put'] = async (key, body, headers = {}) => {
    await callObject('PutObject', key, '', { method: 'PUT', headers, body });
  };

  return {
    put,
    putStream: (key, bytes, headers, signal) =>
      uploadParts({ call: callObject, put, key, headers, signal }, bytes),
    async get(key) {
      return (await callObject('GetObject', key, '', { method: 'GET' })).body;
    },
    async listKeys(prefix) {
      const query = `?list-type=2&prefix=${encodeURIComponent(prefix)}`;
      const { body } = await callObject('ListObjectsV2', '', query, { method: 'GET' });
      return [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
    },
    async delete(key) {
      await callObject('DeleteObject', key, '', { method: 'DELETE' });
    },
    async link(key, lifeTimeSeconds) {
      const { origin, host } = access.endpointOf('s3');
      const path = `/${name}/${key}?X-Amz-Expires=${lifeTimeSeconds}`;
      const credentials = await access.credentials();
      const { region } = access;
      const signed = aws4.sign(
        { service: 's3', region, path, headers: { host }, signQuery: true },
        credentials,
      );
      return `${origin}${signed.path}`;
    },
  };
};
