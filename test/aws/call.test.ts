import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { type AwsAccess, createAccess } from '../../lib/aws/access.ts';
import { AwsError } from '../../lib/aws/aws-error.ts';
import { callAws } from '../../lib/aws/call.ts';
import { callJson } from '../../lib/aws/json-call.ts';
import {
  type AnsweringServer,
  type ScriptedAnswer,
  startAnsweringServer,
} from '../support/answering-server.ts';

let server: AnsweringServer;
let aws: AwsAccess;
let pausesMs: number[];
beforeAll(async () => {
  server = await startAnsweringServer();
});
afterAll(() => server.close());
beforeEach(() => {
  pausesMs = [];
  server.requests.length = 0;
  aws = {
    ...createAccess('us-east-1', () => credentials, { AWS_ENDPOINT_URL: server.url }),
    pause: async (durationMs) => pausesMs.push(durationMs),
  };
});

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'of this session',
};
const put = () => callJson(aws, 'dynamodb', 'PutItem', { TableName: 'tasks' });
const done: ScriptedAnswer = { status: 200, body: { done: true } };
const refused = (status: number, code: string): ScriptedAnswer => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'the reason' },
});

test('a call carries its operation, its input and the session', async () => {
  server.answer(done);
  expect(await put()).toEqual({ done: true });
  expect(server.requests).toMatchObject([
    {
      method: 'POST',
      path: '/',
      body: '{"TableName":"tasks"}',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.PutItem',
        'x-amz-security-token': 'of this session',
      },
    },
  ]);
});

describe('a call is made again, and then succeeds,', () => {
  it.each<[string, ScriptedAnswer]>([
    ['when DynamoDB throttles', refused(400, 'ProvisionedThroughputExceededException')],
    ['when SQS throttles', refused(400, 'RequestThrottled')],
    ['when there are too many requests', { status: 429, text: '' }],
    ['when AWS has a fault of its own', refused(500, 'InternalServerError')],
    ['when a part of AWS is away', { status: 503, text: '<html>Service Unavailable</html>' }],
    ['when the connection is reset', 'reset'],
    ['when the answer breaks off', 'cut'],
  ])('%s', async (_when, answer) => {
    server.answer(answer, answer, answer, done);
    expect(await put()).toEqual({ done: true });
    expect(server.requests).toHaveLength(4);
  });

  it('when there is no answer in time', async () => {
    server.answer('silence', done);
    const answer = await callAws(aws, {
      service: 'dynamodb',
      operation: 'PutItem',
      method: 'POST',
      path: '/',
      headers: {},
      body: '{}',
      deadlineMs: 30,
    });
    expect(answer.status).toBe(200);
    expect(server.requests).toHaveLength(2);
  });

  it('when credentials have changed meanwhile, with the new ones', async () => {
    const ids = ['AKIDOLD', 'AKIDNEW'];
    aws = { ...aws, credentials: async () => ({ ...credentials, accessKeyId: ids.shift() ?? '' }) };
    server.answer('reset', done);
    await put();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      expect.stringContaining('Credential=AKIDOLD/'),
      expect.stringContaining('Credential=AKIDNEW/'),
    ]);
  });
});

test('pauses grow, and are longer when AWS is asked for too much', async () => {
  server.answer('reset');
  await expect(put()).rejects.toThrow();
  const [first = Infinity, second = Infinity, third = Infinity, ...more] = pausesMs;
  expect([first <= 100, second <= 200, third <= 400, more]).toEqual([true, true, true, []]);
  const seen = new Set<boolean>();
  for (let call = 0; call < 20; call += 1) {
    pausesMs = [];
    server.answer(refused(400, 'ThrottlingException'));
    await expect(put()).rejects.toThrow();
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(2_000);
    seen.add(Math.max(...pausesMs) > 400);
  }
  expect(seen).toContain(true);
});

describe('an error', () => {
  const errorOf = async (...answers: [ScriptedAnswer, ...ScriptedAnswer[]]) => {
    server.answer(...answers);
    const error = await put().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AwsError);
    return error as AwsError;
  };

  it('of a refusal says what was asked and why it was refused, at once', async () => {
    const error = await errorOf(refused(400, 'ValidationException'));
    expect(error).toMatchObject({ code: 'ValidationException', status: 400 });
    expect(error.message).toBe('dynamodb PutItem: ValidationException (HTTP 400): the reason');
    expect(server.requests).toHaveLength(1);
  });

  it('after the last attempt is that of the last attempt', async () => {
    const error = await errorOf('reset', 'reset', 'reset', refused(500, 'InternalServerError'));
    expect(error).toMatchObject({ code: 'InternalServerError', status: 500 });
    expect(server.requests).toHaveLength(4);
  });

  it('of a lost connection keeps its code and its cause', async () => {
    const error = await errorOf('reset');
    expect(error).toMatchObject({ code: 'ECONNRESET', status: undefined, cause: { code: 'ECONNRESET' } });
    expect(error.message).toMatch(/^dynamodb PutItem: ECONNRESET: /);
  });

  it.each([
    ['in XML', '<Error><Code>SlowDown</Code><Message>less</Message></Error>', 'SlowDown (HTTP 503): less'],
    ['as a page', '<html>Bad Gateway</html>', 'Unknown (HTTP 503): no reason was given'],
    ['as nothing', '', 'Unknown (HTTP 503): no reason was given'],
  ])('that comes %s is read as far as it can be', async (_how, text, message) => {
    expect((await errorOf({ status: 503, text })).message).toBe(`dynamodb PutItem: ${message}`);
  });

  it('of an answer that is no JSON says so', async () => {
    expect(await errorOf({ status: 200, text: '<html>a captive portal</html>' })).toMatchObject({
      code: 'UnreadableAnswer',
      cause: { name: 'SyntaxError' },
    });
  });

  it('never holds the credentials', async () => {
    const { message, stack } = await errorOf(refused(403, 'AccessDeniedException'));
    expect(`${message} ${stack}`).not.toContain('of this session');
  });
});

test('a call that is given up is not made again', async () => {
  server.answer('silence');
  const ending = new AbortController();
  const call = callAws(aws, {
    service: 's3',
    operation: 'UploadPart',
    method: 'PUT',
    path: '/bucket/key',
    headers: {},
    body: 'part',
    deadlineMs: 60_000,
    signal: ending.signal,
  });
  await expect.poll(() => server.requests.length).toBe(1);
  ending.abort();
  await expect(call).rejects.toThrow(AwsError);
  expect(server.requests).toHaveLength(1);
});
