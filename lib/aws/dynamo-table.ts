import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AwsAccess } from './access.ts';
import { clientSettings } from './client-settings.ts';
import { namingOperations } from './naming-operations.ts';
import { type BatchGetInput, ConditionFailedError, type Item, type Table } from './table.ts';

type Attributes = Record<string, AttributeValue>;

export const createDynamoTable = (TableName: string, access: AwsAccess): Table => {
  const client = new DynamoDBClient({
    ...clientSettings(access, 'dynamodb'),
    accountIdEndpointMode: 'disabled',
    cacheMiddleware: true,
  });
  client.middlewareStack.use(namingOperations());

  return {
    async get({ Key, ...options }) {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: encode(Key), ...options }));
      return { Item: Item && unmarshall(Item) };
    },
    async put({ Item, ...condition }) {
      const command = new PutItemCommand({ TableName, Item: encode(Item), ...encodeValues(condition) });
      await client.send(command).catch(throwConditionFailed);
    },
    async update({ Key, ...change }) {
      const command = new UpdateItemCommand({ TableName, Key: encode(Key), ...encodeValues(change) });
      const { Attributes } = await client.send(command).catch(throwConditionFailed);
      return { Attributes: Attributes && unmarshall(Attributes) };
    },
    async delete({ Key, ...condition }) {
      const command = new DeleteItemCommand({ TableName, Key: encode(Key), ...encodeValues(condition) });
      await client.send(command).catch(throwConditionFailed);
    },
    async query({ ExclusiveStartKey: start, ...input }) {
      const command = new QueryCommand({
        TableName,
        ...encodeValues(input),
        ExclusiveStartKey: start && encode(start),
      });
      const { Items = [], LastEvaluatedKey: last } = await client.send(command);
      return { Items: Items.map((item) => unmarshall(item)), LastEvaluatedKey: last && unmarshall(last) };
    },
    batchGet: (input) => batchGet(client, TableName, input),
  };
};

const encode = (item: Item): Attributes => marshall(item, { removeUndefinedValues: true });

const encodeValues = <Input extends { ExpressionAttributeValues?: Item | undefined }>({
  ExpressionAttributeValues: values,
  ...input
}: Input) => ({ ...input, ExpressionAttributeValues: values && encode(values) });

const throwConditionFailed = (error: unknown): never => {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  throw new ConditionFailedError(error.message, { cause: error });
};

const maxBatchAttempts = 6;
const firstPauseMs = 50;

/** DynamoDB answers a part when it is short of capacity; the rest is asked for again, each time after a longer pause. */
const batchGet = async (
  client: DynamoDBClient,
  tableName: string,
  { Keys, ...options }: BatchGetInput,
): Promise<Item[]> => {
  const items: Item[] = [];
  let left = Keys.map(encode);
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const RequestItems = { [tableName]: { ...options, Keys: left } };
    const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems }));
    items.push(...(Responses?.[tableName] ?? []).map((item) => unmarshall(item)));
    left = UnprocessedKeys?.[tableName]?.Keys ?? [];
    if (left.length > 0 && attempt === maxBatchAttempts)
      throw new ProvisionedThroughputExceededException({
        message: `BatchGetItem: ${left.length} keys were left after ${maxBatchAttempts} attempts`,
        $metadata: { attempts: maxBatchAttempts },
      });
    if (left.length > 0) await sleep(Math.random() * firstPauseMs * 2 ** attempt);
  }
  return items;
};
