import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { expect, test } from 'vitest';
import { type AwsAccess, createAccess } from '../../lib/aws/access.ts';
import type { AwsRequest } from '../../lib/aws/exchange.ts';
import { callJson } from '../../lib/aws/json-call.ts';
import { createS3Bucket } from '../../lib/aws/s3-bucket.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const region = 'eu-central-1';

/** SHA-256 as the SDK's signer wants it. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }
  update(data: Uint8Array | string) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
  reset() {}
}

const signerOf = (service: string) =>
  new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
    uriEscapePath: service !== 's3',
  });

/** What one call sends. */
const sentBy = async (session: { sessionToken?: string }, call: (aws: AwsAccess) => Promise<unknown>) => {
  const sent: AwsRequest[] = [];
  const access = createAccess(region, () => ({ ...credentials, ...session }), {});
  await call({
    ...access,
    async exchange(request) {
      sent.push(request);
      return { status: 200, headers: {}, body: Buffer.from('{}') };
    },
  });
  const [request] = sent;
  if (request === undefined) throw new Error('nothing was sent');
  return request;
};

/** How the SDK signs that very request, at the same moment. */
const signedBySdk = async (service: string, { endpoint, method, path, headers, body }: AwsRequest) => {
  const { authorization: _, Authorization: __, ...others } = headers;
  const unsigned = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)]));
  const url = new URL(path, endpoint);
  const time = String(headers['x-amz-date'] ?? headers['X-Amz-Date']);
  const signingDate = new Date(time.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'));
  const signed = await signerOf(service).sign(
    {
      method,
      protocol: 'https:',
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: unsigned,
      body,
    },
    { signingDate },
  );
  return signed.headers['authorization'];
};

const calls: [string, string, (aws: AwsAccess) => Promise<unknown>][] = [
  [
    'a write to DynamoDB',
    'dynamodb',
    (aws) => callJson(aws, 'dynamodb', 'PutItem', { text: 'ünïcode, "quotes" & more' }),
  ],
  ['a message to SQS', 'sqs', (aws) => callJson(aws, 'sqs', 'SendMessage', { MessageBody: '{}' })],
  ['a read of a secret', 'secretsmanager', (aws) => callJson(aws, 'secretsmanager', 'GetSecretValue', {})],
  [
    'an object',
    's3',
    (aws) => createS3Bucket('assets', aws).put('inputs/task_a/b', Buffer.from([0, 200, 255])),
  ],
  ['a list of objects', 's3', (aws) => createS3Bucket('assets', aws).listKeys('inputs/task_a/')],
  ['a deletion', 's3', (aws) => createS3Bucket('assets', aws).delete('inputs/task_a/b')],
];

test.each(calls)("%s is signed as AWS's own client signs it", async (_what, service, call) => {
  const request = await sentBy({}, call);
  const { headers } = request;
  expect(headers['authorization'] ?? headers['Authorization']).toBe(await signedBySdk(service, request));
});

test('a session takes part in the signature', async () => {
  const request = await sentBy({ sessionToken: 'of/this+session==' }, (aws) =>
    callJson(aws, 'sqs', 'SendMessage', {}),
  );
  expect(request.headers['Authorization']).toContain('x-amz-security-token');
  expect(request.headers['Authorization']).toBe(await signedBySdk('sqs', request));
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html */
test("AWS's published example gets the published signature", () => {
  const { headers } = aws4.sign(
    {
      service: 'iam',
      region: 'us-east-1',
      host: 'iam.amazonaws.com',
      path: '/?Action=ListUsers&Version=2010-05-08',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-amz-date': '20150830T123600Z',
      },
    },
    credentials,
  );
  expect(headers?.['Authorization']).toContain(
    'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
test("AWS's published link gets the published signature", () => {
  const { path } = aws4.sign(
    {
      service: 's3',
      region: 'us-east-1',
      path: '/test.txt?X-Amz-Expires=86400&X-Amz-Date=20130524T000000Z',
      headers: { host: 'examplebucket.s3.amazonaws.com' },
      signQuery: true,
    },
    { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  );
  expect(path).toContain('X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
});
