import { marshall, type NativeAttributeValue, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AwsAccess } from './access.ts';
import { AwsError } from './aws-error.ts';
import { callJson } from './json-call.ts';
import { ConditionFailedError, type Item, type ItemKey, type Table } from './table.ts';

type StoredItem = Parameters<typeof unmarshall>[0];
type Answer = {
  Item?: StoredItem;
  Attributes?: StoredItem;
  Items?: StoredItem[];
  LastEvaluatedKey?: StoredItem;
  Responses?: Record<string, StoredItem[]>;
  UnprocessedKeys?: Record<string, { Keys: StoredItem[] }>;
};

export const createDynamoTable = (TableName: string, access: AwsAccess): Table => {
  const call = (operation: string, input: object): Promise<Answer> =>
    callJson<Answer>(access, 'dynamodb', operation, input);
  const callTable = (operation: string, input: object) => call(operation, { TableName, ...stored(input) });
  const write = (operation: string, input: object) => callTable(operation, input).catch(tellLostCondition);

  return {
    async get(input) {
      const { Item } = await callTable('GetItem', input);
      return { Item: Item && unmarshall(Item) };
    },
    async put(input) {
      await write('PutItem', input);
    },
    async update(input) {
      const { Attributes } = await write('UpdateItem', input);
      return { Attributes: Attributes && unmarshall(Attributes) };
    },
    async delete(input) {
      await write('DeleteItem', input);
    },
    async query(input) {
      const { Items = [], LastEvaluatedKey } = await callTable('Query', input);
      return { Items: Items.map(plain), LastEvaluatedKey: LastEvaluatedKey && unmarshall(LastEvaluatedKey) };
    },
    async batchGet({ Keys, ...options }) {
      const asked = { [TableName]: { ...options, Keys: Keys.map(marshal) } };
      const { Responses, UnprocessedKeys } = await call('BatchGetItem', { RequestItems: asked });
      const left = UnprocessedKeys?.[TableName]?.Keys ?? [];
      return {
        Items: (Responses?.[TableName] ?? []).map(plain),
        UnprocessedKeys: left.map(plain) as ItemKey[],
      };
    },
  };
};

const marshal = (item: NativeAttributeValue) => marshall(item, { removeUndefinedValues: true });
const plain = (item: StoredItem): Item => unmarshall(item);

const itemFields = ['Item', 'Key', 'ExpressionAttributeValues', 'ExclusiveStartKey'] as const;

/** The input with its items as DynamoDB writes them. */
const stored = (input: Partial<Record<(typeof itemFields)[number], NativeAttributeValue>>): object => {
  const changed: Record<string, unknown> = { ...input };
  for (const field of itemFields) if (input[field] !== undefined) changed[field] = marshal(input[field]);
  return changed;
};

const tellLostCondition = (error: unknown): never => {
  if (error instanceof AwsError && error.code === 'ConditionalCheckFailedException')
    throw new ConditionFailedError(error.message, { cause: error });
  throw error;
};
