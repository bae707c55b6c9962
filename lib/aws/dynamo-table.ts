import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { AwsAccess } from './access.ts';
import { clientSettings } from './client-settings.ts';
import { namingOperations } from './naming-operations.ts';
import { type BatchGetInput, ConditionFailedError, type Item, type Table } from './table.ts';

export const createDynamoTable = (TableName: string, access: AwsAccess): Table => {
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ ...clientSettings(access, 'dynamodb'), accountIdEndpointMode: 'disabled' }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  client.middlewareStack.use(namingOperations());

  return {
    async get(input) {
      const { Item } = await client.send(new GetCommand({ TableName, ...input }));
      return { Item };
    },
    async put(input) {
      await client.send(new PutCommand({ TableName, ...input })).catch(throwConditionFailed);
    },
    async update(input) {
      const command = new UpdateCommand({ TableName, ...input });
      const { Attributes } = await client.send(command).catch(throwConditionFailed);
      return { Attributes };
    },
    async delete(input) {
      await client.send(new DeleteCommand({ TableName, ...input })).catch(throwConditionFailed);
    },
    async query(input) {
      const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand({ TableName, ...input }));
      return { Items, LastEvaluatedKey };
    },
    batchGet: (input) => batchGet(client, TableName, input),
  };
};

const throwConditionFailed = (error: unknown): never => {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  throw new ConditionFailedError(error.message, { cause: error });
};

const maxBatchAttempts = 6;
const firstPauseMs = 50;

/** DynamoDB answers a part when it is short of capacity; the rest is asked for again, each time after a longer pause. */
const batchGet = async (
  client: DynamoDBDocumentClient,
  tableName: string,
  { Keys, ...options }: BatchGetInput,
): Promise<Item[]> => {
  const items: Item[] = [];
  let left: Record<string, unknown>[] = Keys;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const RequestItems = { [tableName]: { ...options, Keys: left } };
    const { Responses, UnprocessedKeys } = await client.send(new BatchGetCommand({ RequestItems }));
    items.push(...(Responses?.[tableName] ?? []));
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
