import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { createAccess } from '../../lib/aws/access.ts';
import { createDynamoTable } from '../../lib/aws/dynamo-table.ts';
import type { Table } from '../../lib/aws/table.ts';
import {
  type AnsweringServer,
  type ScriptedAnswer,
  startAnsweringServer,
} from '../support/answering-server.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'of this session',
};

let server: AnsweringServer;
let table: Table;
beforeAll(async () => {
  server = await startAnsweringServer();
  const aws = createAccess('us-east-1', credentials, { AWS_ENDPOINT_URL: server.url });
  table = createDynamoTable('tasks', aws);
});
beforeEach(() => server.requests.splice(0));
afterAll(() => server.close());

const put = () => table.put({ Item: { pk: 'TASK#a' } });
const done: ScriptedAnswer = { status: 200, body: {} };
const refused = (status: number, code: string): ScriptedAnswer => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'the reason' },
});

test('a call carries the given region, credentials and session', async () => {
  server.answer(done);
  await put();
  const [{ headers } = { headers: undefined }] = server.requests;
  expect(headers?.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/dynamodb\//);
  expect(headers?.['x-amz-security-token']).toBe('of this session');
});

describe('a call is made again, and then succeeds,', () => {
  it.each<[string, ScriptedAnswer]>([
    ['when DynamoDB throttles', refused(400, 'ProvisionedThroughputExceededException')],
    ['when there are too many requests', { status: 429, text: '' }],
    ['when AWS has a fault of its own', refused(500, 'InternalServerError')],
    ['when a part of AWS is away', { status: 503, text: '<html>Service Unavailable</html>' }],
    ['when the connection is reset', 'reset'],
    ['when the answer breaks off', 'cut'],
    ['when there is no answer in time', 'no response'],
  ])('%s', async (_when, answer) => {
    server.answer(answer, done);
    await put();
    expect(server.requests).toHaveLength(2);
  });

  it('three times', async () => {
    server.answer('reset', 'cut', refused(500, 'InternalServerError'), done);
    await put();
    expect(server.requests).toHaveLength(4);
  });
});

describe('an error', () => {
  const errorOf = async (...answers: [ScriptedAnswer, ...ScriptedAnswer[]]): Promise<Error> => {
    server.answer(...answers);
    return put().then(
      () => expect.fail('the call succeeded'),
      (error) => error,
    );
  };

  it('of a refusal says what was asked and why it was refused, at once', async () => {
    const error = await errorOf(refused(400, 'ValidationException'));
    expect(error).toMatchObject({ name: 'ValidationException', message: 'PutItem: the reason' });
    expect(server.requests).toHaveLength(1);
  });

  it('after the last attempt is that of the last attempt', async () => {
    const error = await errorOf('reset', 'reset', 'reset', refused(500, 'InternalServerError'));
    expect(error).toMatchObject({ name: 'InternalServerError' });
    expect(server.requests).toHaveLength(4);
  });

  it('of a page where JSON should be says so', async () => {
    const { message } = await errorOf({ status: 200, text: '<html>a captive portal</html>' });
    expect(message).toMatch(/^PutItem: .*JSON/);
  });

  it('never holds the credentials', async () => {
    const { message, stack } = await errorOf(refused(403, 'AccessDeniedException'));
    expect(`${message} ${stack}`).not.toMatch(/of this session|secret/);
  });
});
