import type { DeleteInput, Item, QueryInput, Table, UpdateInput } from '../../lib/aws/table.ts';
import { meets, updated } from './expressions.ts';

type Operation = 'get' | 'put' | 'update' | 'query';
/** The table's operations as they take place, at one moment. */
export type ItemsInMemory = {
  [Name in Operation]: (input: Parameters<Table[Name]>[0]) => Awaited<ReturnType<Table[Name]>>;
};

/** All items that are not tasks: those of the lines. They are read by their key, so that no index lags. */
export const createLineItems = (lost: () => Error, isAnsweredAsLost: () => boolean, onPut: () => void) => {
  const items = new Map<string, Item>();
  const nameOf = (key: Item): string => `${key['pk']} ${key['sk']}`;

  const update = (input: UpdateInput) => {
    const { Key, UpdateExpression, ConditionExpression, ExpressionAttributeValues } = input;
    const before = items.get(nameOf(Key));
    if (!meets(before, ConditionExpression, ExpressionAttributeValues)) throw lost();
    const Attributes = updated({ ...Key, ...before }, UpdateExpression, ExpressionAttributeValues);
    items.set(nameOf(Key), Attributes);
    if (isAnsweredAsLost()) throw lost();
    return { Attributes };
  };

  const query = ({ ExpressionAttributeValues: values = {}, Limit = 100 }: QueryInput) => {
    const Items = [...items.values()]
      .filter(({ pk }) => Object.values(values).includes(pk))
      .sort((one, other) => (String(one['sk']) < String(other['sk']) ? -1 : 1));
    return { Items: Items.slice(0, Limit) };
  };

  const operations: ItemsInMemory = {
    get: ({ Key }) => ({ Item: items.get(nameOf(Key)) }),
    put({ Item }) {
      items.set(nameOf(Item), Item);
      onPut();
    },
    update,
    query,
  };
  return {
    ...operations,
    delete({ Key }: DeleteInput): void {
      items.delete(nameOf(Key));
    },
    /** Who waits. */
    places: (): string[] =>
      [...items.values()].filter(({ pk }) => String(pk).startsWith('LINE#')).map(({ sk }) => String(sk)),
    /** Who counts as in flight in a workspace with a limit. */
    counted: (): string[] =>
      [...items.values()].flatMap(({ taskIds }) => [...((taskIds ?? []) as Set<string>)]),
  };
};
