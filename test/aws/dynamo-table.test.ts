import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { accessFromEnvironment, createAccess } from '../../lib/aws/access.ts';
import { tookEffect } from '../../lib/aws/conditional-write.ts';
import { createDynamoTable } from '../../lib/aws/dynamo-table.ts';
import { isOutage } from '../../lib/aws/outage.ts';
import { ConditionFailedError, type Table } from '../../lib/aws/table.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let table: Table;
beforeAll(async () => {
  cloud = await startTestCloud();
  table = createDynamoTable(cloud.tableName, accessFromEnvironment());
});
afterAll(() => cloud.stop());

const keyOf = (name: string) => ({ pk: `TASK#${name}`, sk: 'TASK' });
const storedBySdk = async (name: string) =>
  (await cloud.sdk.dynamoDb.send(new GetCommand({ TableName: cloud.tableName, Key: keyOf(name) }))).Item;

test('an item is read as it was written, by ourselves and by the SDK', async () => {
  const item = {
    ...keyOf('kinds'),
    text: 'ünïcode 🎬 "quoted"',
    empty: '',
    whole: 1_795_330_325_123,
    part: -0.000_123,
    yes: true,
    nothing: null,
    list: ['a', 1, { deep: [[]] }],
    map: { of: { maps: {} } },
  };
  await table.put({ Item: { ...item, absent: undefined, within: { absent: undefined } } });
  const read = { ...item, within: {} };
  expect((await table.get({ Key: keyOf('kinds') })).Item).toEqual(read);
  expect(await storedBySdk('kinds')).toEqual(read);
});

test.each([
  ['that is not one', Number.NaN],
  ['without end', Number.POSITIVE_INFINITY],
  ['too large to be exact', 2 ** 60],
])('a number %s is refused and not stored', async (_what, number) => {
  await expect(table.put({ Item: { ...keyOf('number'), number } })).rejects.toThrow();
  expect(await storedBySdk('number')).toBeUndefined();
});

test('what is not there is no item', async () => {
  expect((await table.get({ Key: keyOf('none') })).Item).toBeUndefined();
});

describe('a write that loses its condition', () => {
  const onlyNew = { ConditionExpression: 'attribute_not_exists(pk)' };

  it('changes nothing and says so', async () => {
    const put = (by: string) => table.put({ Item: { ...keyOf('contended'), by }, ...onlyNew });
    expect(await tookEffect(put('one'))).toBe(true);
    await expect(put('other')).rejects.toThrow(ConditionFailedError);
    expect(await tookEffect(put('other'))).toBe(false);
    expect(await storedBySdk('contended')).toMatchObject({ by: 'one' });
  });

  it('may be an update or a deletion', async () => {
    const missing = { Key: keyOf('missing'), ConditionExpression: 'attribute_exists(pk)' };
    await expect(
      table.update({
        ...missing,
        UpdateExpression: 'SET a = :a',
        ExpressionAttributeValues: { ':a': 1 },
      }),
    ).rejects.toThrow(ConditionFailedError);
    await expect(table.delete(missing)).rejects.toThrow(ConditionFailedError);
  });

  it('is no such outcome when something else is wrong', async () => {
    const broken = { Item: keyOf('broken'), ConditionExpression: 'nonsense (' };
    await expect(tookEffect(table.put(broken))).rejects.toThrow(/^PutItem: .*ConditionExpression/);
  });
});

test('an update answers the attributes that it was asked for', async () => {
  const add = () =>
    table.update({
      Key: keyOf('counted'),
      UpdateExpression: 'ADD seen :one SET #name = :name',
      ExpressionAttributeNames: { '#name': 'name' },
      ExpressionAttributeValues: { ':one': 1, ':name': 'counter' },
      ReturnValues: 'ALL_NEW',
    });
  await add();
  expect(await add()).toEqual({ Attributes: { ...keyOf('counted'), seen: 2, name: 'counter' } });
});

test('a deleted item is gone', async () => {
  await table.put({ Item: keyOf('deleted') });
  await table.delete({ Key: keyOf('deleted') });
  expect(await storedBySdk('deleted')).toBeUndefined();
});

test('a query goes on where its page ended', async () => {
  for (const sk of ['1', '2', '3']) await table.put({ Item: { pk: 'QUEUE#paged', sk } });
  const page = (ExclusiveStartKey?: Record<string, unknown>) =>
    table.query({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'QUEUE#paged' },
      Limit: 2,
      ExclusiveStartKey,
    });
  const first = await page();
  expect(first.Items.map(({ sk }) => sk)).toEqual(['1', '2']);
  const second = await page(first.LastEvaluatedKey);
  expect(second.Items.map(({ sk }) => sk)).toEqual(['3']);
  expect(second.LastEvaluatedKey).toBeUndefined();
});

test('many items are read at once', async () => {
  const names = ['many-1', 'many-2'];
  for (const name of names) await table.put({ Item: { ...keyOf(name), name } });
  const read = await table.batchGet({ Keys: [...names, 'many-3'].map(keyOf), ConsistentRead: true });
  expect(read.map(({ name }) => name).sort()).toEqual(names);
});

describe('items that DynamoDB did not get to', () => {
  let server: AnsweringServer;
  let busy: Table;
  beforeAll(async () => {
    server = await startAnsweringServer();
    const variables = { AWS_ENDPOINT_URL: server.url };
    busy = createDynamoTable(
      'tasks',
      createAccess('us-east-1', accessFromEnvironment().credentials, variables),
    );
  });
  beforeEach(() => server.requests.splice(0));
  afterAll(() => server.close());

  const marshalled = (name: string) => ({ pk: { S: `TASK#${name}` }, sk: { S: 'TASK' } });
  const answer = (read: string, left?: string) => ({
    status: 200,
    body: {
      Responses: { tasks: [marshalled(read)] },
      UnprocessedKeys: left === undefined ? {} : { tasks: { Keys: [marshalled(left)] } },
    },
  });
  const keysAskedFor = () =>
    server.requests.map(({ body }) =>
      JSON.parse(body).RequestItems.tasks.Keys.map(({ pk }: { pk: { S: string } }) => pk.S),
    );

  it('are asked for again', async () => {
    server.answer(answer('a', 'b'), answer('b'));
    expect(await busy.batchGet({ Keys: ['a', 'b'].map(keyOf) })).toEqual(['a', 'b'].map(keyOf));
    expect(keysAskedFor()).toEqual([['TASK#a', 'TASK#b'], ['TASK#b']]);
  });

  it('are given up after some pauses, for a later try', async () => {
    server.answer(answer('a', 'b'));
    const error = await busy.batchGet({ Keys: ['a', 'b'].map(keyOf) }).catch((thrown) => thrown);
    expect(error.message).toContain('1 keys were left');
    expect(isOutage(error)).toBe(true);
    expect(server.requests).toHaveLength(6);
  });
});
