import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { tableName } from '../../local/cloud/layout.ts';
import type { Call } from './recorder.ts';
import { sum } from './statistics.ts';

type Units = { writes: number; reads: number; parts: { what: string; writes: number }[] };

type AttributeValue = Record<string, unknown>;
type Item = Record<string, AttributeValue>;
type Index = { name: string; keys: string[] };

const indexesOf = async (dynamoDb: DynamoDBClient): Promise<Index[]> => {
  const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: tableName }));
  return (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName = '', KeySchema = [] }) => ({
    name: IndexName,
    keys: KeySchema.map(({ AttributeName = '' }) => AttributeName),
  }));
};

/**
 * Counts the capacity units that on-demand DynamoDB bills for the calls of our table, its indexes included
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html): a write for each
 * started KB of the larger of old and new item, a read for each started 4 KB, half of that where it may lag. The indexes
 * hold keys only: one write where an entry appears or goes, two where its key changes.
 */
export const createCapacityCounter = async (dynamoDb: DynamoDBClient) => {
  const indexes = await indexesOf(dynamoDb);
  const items = new Map<string, Item>();

  const indexWrites = ({ keys }: Index, before: Item | undefined, after: Item | undefined): number => {
    const [old, now] = [before, after].map((item) =>
      item !== undefined && keys.every((key) => item[key] !== undefined)
        ? JSON.stringify(keys.map((key) => item[key]))
        : undefined,
    );
    if (old === now) return 0;
    return old === undefined || now === undefined ? 1 : 2;
  };

  const write = (key: string, after: Item | undefined, status: number): Units => {
    const before = items.get(key);
    const sizeBytes = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
    const parts = [{ what: kindOf(key), writes: Math.max(1, Math.ceil(sizeBytes / 1_024)) }];
    if (status < 300) {
      if (after === undefined) items.delete(key);
      else items.set(key, after);
      for (const index of indexes)
        parts.push({ what: index.name, writes: indexWrites(index, before, after) });
    }
    return { writes: sum(parts.map(({ writes }) => writes)), reads: 0, parts };
  };

  const read = (reads: number, consistent: boolean): Units => ({
    writes: 0,
    reads: consistent ? reads : reads / 2,
    parts: [],
  });

  const unitsOf = ({ operation, input, status }: Call): Units => {
    const consistent = input['ConsistentRead'] === true;
    switch (operation) {
      case 'PutItem':
        return write(keyOf(input['Item'] as Item), input['Item'] as Item, status);
      case 'DeleteItem':
        return write(keyOf(input['Key'] as Item), undefined, status);
      case 'GetItem': {
        const item = items.get(keyOf(input['Key'] as Item));
        return read(Math.max(1, Math.ceil((item ? itemBytes(item) : 0) / 4_096)), consistent);
      }
      case 'Query':
        return read(1, consistent);
      case 'UpdateItem':
        // Small items without a place in an index: counters of requests and of attempts in flight.
        return {
          writes: 1,
          reads: 0,
          parts: [{ what: kindOf(keyOf(input['Key'] as Item)), writes: 1 }],
        };
      default:
        throw new Error(`nobody knows what ${operation} costs`);
    }
  };

  return {
    unitsOf,
    /** Of all tasks as they are stored by now, the mean. */
    taskBytes: (): number => {
      const tasks = [...items].filter(([key]) => kindOf(key) === 'task').map(([, item]) => itemBytes(item));
      return sum(tasks) / tasks.length;
    },
  };
};

const keyOf = ({ pk, sk }: Item): string => `${pk?.['S']}|${sk?.['S']}`;

/** `TASK#…|ATTEMPT#…` is an attempt; other items are of the kind that their partition says. */
const kindOf = (key: string): string => {
  const [partition = '', sort = ''] = key.split('|').map((part) => part.split('#')[0]?.toLowerCase());
  return partition === 'task' ? sort : partition;
};

const itemBytes = (item: Item): number =>
  Object.entries(item).reduce(
    (total, [name, value]) => total + Buffer.byteLength(name) + valueBytes(value),
    0,
  );

const valueBytes = (value: AttributeValue): number => {
  const [[type, content] = ['NULL', true]] = Object.entries(value);
  if (type === 'S') return Buffer.byteLength(String(content));
  if (type === 'N') return Math.ceil(String(content).replace(/\D/g, '').length / 2) + 1;
  if (type === 'M') return 3 + itemBytes(content as Item) + Object.keys(content as Item).length;
  if (type === 'L')
    return (content as AttributeValue[]).reduce((total, each) => total + valueBytes(each) + 1, 3);
  return 1;
};
