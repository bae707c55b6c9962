import type { Call } from './recorder.ts';

export type Units = { writes: number; reads: number };

type AttributeValue = Record<string, unknown>;
type Item = Record<string, AttributeValue>;

/**
 * Counts the capacity units that on-demand DynamoDB bills for the calls of our table, its two indexes included
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html): a write for each
 * started KB of the larger of old and new item, a read for each started 4 KB, half of that where it may lag. The indexes
 * hold keys only: one write where an entry appears or goes, two where its key changes.
 */
export const createCapacityCounter = () => {
  const items = new Map<string, Item>();

  const indexWrites = (before: Item | undefined, after: Item | undefined): number =>
    [
      ['workspaceId', 'createdOrder'],
      ['dueShard', 'dueAtMs'],
    ].reduce((writes, names) => {
      const entry = (item: Item | undefined) =>
        item !== undefined && names.every((name) => item[name] !== undefined)
          ? JSON.stringify(names.map((name) => item[name]))
          : undefined;
      const [old, now] = [entry(before), entry(after)];
      if (old === now) return writes;
      return writes + (old === undefined || now === undefined ? 1 : 2);
    }, 0);

  const write = (key: string, after: Item | undefined, status: number): Units => {
    const before = items.get(key);
    const sizeBytes = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
    const own = Math.max(1, Math.ceil(sizeBytes / 1_024));
    if (status >= 300) return { writes: own, reads: 0 };
    if (after === undefined) items.delete(key);
    else items.set(key, after);
    return { writes: own + indexWrites(before, after), reads: 0 };
  };

  const read = (key: string, consistent: boolean): Units => {
    const item = items.get(key);
    const own = Math.max(1, Math.ceil((item ? itemBytes(item) : 0) / 4_096));
    return { writes: 0, reads: consistent ? own : own / 2 };
  };

  return ({ operation, input, status }: Call): Units => {
    const consistent = input['ConsistentRead'] === true;
    switch (operation) {
      case 'PutItem':
        return write(keyOf(input['Item'] as Item), input['Item'] as Item, status);
      case 'DeleteItem':
        return write(keyOf(input['Key'] as Item), undefined, status);
      case 'GetItem':
        return read(keyOf(input['Key'] as Item), consistent);
      case 'Query':
        return { writes: 0, reads: consistent ? 1 : 0.5 };
      case 'UpdateItem':
        // Small items without a place in an index: counters of requests and of attempts in flight.
        return { writes: 1, reads: 0 };
      default:
        return { writes: 0, reads: 0 };
    }
  };
};

const keyOf = ({ pk, sk }: Item): string => `${pk?.['S']}|${sk?.['S']}`;

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
