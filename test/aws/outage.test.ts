import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDynamoTable } from '../../lib/aws/dynamo-table.ts';
import { isOutage } from '../../lib/aws/outage.ts';
import { listenOnLoopback, stopListening } from '../../local/cloud/loopback.ts';

/** What the real client throws when its table is asked at this port. */
const errorOfTableAt = async (port: number): Promise<unknown> => {
  const table = createDynamoTable('gateway', {
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    endpoints: { dynamodb: `http://127.0.0.1:${port}` },
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  });
  return table.get({ Key: { pk: 'a', sk: 'b' } }).then(
    () => undefined,
    (error: unknown) => error,
  );
};
const aTableThatAnswers = async (status: number, type: string): Promise<number> => {
  const server = createServer((_request, response) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'no' })),
  );
  onTestFinished(() => stopListening(server));
  return listenOnLoopback(server, 0);
};

describe('an outage', () => {
  it.each([
    ['a table that fails', 500, 'InternalServerError', true],
    ['a table that is asked too much', 400, 'ProvisionedThroughputExceededException', true],
    ['a request that may not be made', 400, 'AccessDeniedException', false],
    ['a request that is wrong', 400, 'ValidationException', false],
  ])('is told from other errors of AWS: %s', async (_what, status, type, expected) => {
    expect(isOutage(await errorOfTableAt(await aTableThatAnswers(status, type)))).toBe(expected);
  });

  it('is a table that cannot be reached', async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0);
    await stopListening(server);
    expect(isOutage(await errorOfTableAt(port))).toBe(true);
  });

  it('is not an error of our own', () => {
    expect(isOutage(new TypeError('undefined is not a function'))).toBe(false);
  });
});
