import { ConditionFailedError, type Item, type ItemKey, type Table } from '../../lib/aws/table.ts';
import { meets, updated, withNames } from '../simulation/expressions.ts';
import type { Worker } from '../simulation/workers.ts';

/** DynamoDB's one table, as far as the queue asks of it. Every call takes a worker's time, and may be its last. */
export const createMemoryTable = () => {
  const partitions = new Map<string, Map<string, Item>>();
  const partition = (pk: unknown): Map<string, Item> => {
    const known = partitions.get(String(pk)) ?? new Map<string, Item>();
    partitions.set(String(pk), known);
    return known;
  };
  const find = ({ pk, sk }: ItemKey): Item | undefined => partition(pk).get(sk);
  const check = (key: ItemKey, condition: string | undefined, values: Item | undefined): void => {
    if (!meets(find(key), condition, values)) throw new ConditionFailedError('the condition failed');
  };
  let writes = 0;
  const store = (item: Item): void => {
    writes += 1;
    partition(item['pk']).set(String(item['sk']), structuredClone(item));
  };

  const of = (worker: Worker): Table => ({
    get: ({ Key }) => worker.call('get', () => ({ Item: structuredClone(find(Key)) })),
    put: ({ Item: item, ConditionExpression, ExpressionAttributeValues }) =>
      worker.call('put', () => {
        const key = { pk: String(item['pk']), sk: String(item['sk']) };
        check(key, ConditionExpression, ExpressionAttributeValues);
        store(item);
      }),
    update: (input) =>
      worker.call('update', () => {
        const { Key, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
        check(Key, withNames(input.ConditionExpression, names), values);
        const expression = withNames(input.UpdateExpression, names);
        const Attributes = updated({ ...Key, ...find(Key) }, expression, values);
        store(Attributes);
        return { Attributes };
      }),
    delete: ({ Key, ConditionExpression, ExpressionAttributeValues }) =>
      worker.call('delete', () => {
        check(Key, ConditionExpression, ExpressionAttributeValues);
        writes += 1;
        partition(Key.pk).delete(Key.sk);
      }),
    query: ({ ExpressionAttributeValues: values = {}, Limit = 1_000, ExclusiveStartKey: after }) =>
      worker.call('query', () => {
        const { ':prefix': prefix, ...rest } = values;
        const found = [...partition(Object.values(rest)[0])]
          .filter(([sk]) => sk.startsWith(String(prefix ?? '')))
          .filter(([sk]) => after === undefined || sk > String(after['sk']))
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([, item]) => structuredClone(item));
        const Items = found.slice(0, Limit);
        return { Items, LastEvaluatedKey: found.length > Limit ? Items.at(-1) : undefined };
      }),
    batchGet: ({ Keys }) =>
      worker.call('batch get', () =>
        Keys.flatMap((key) => {
          const item = find(key);
          return item === undefined ? [] : [structuredClone(item)];
        }),
      ),
  });

  return {
    of,
    items: (): Item[] => [...partitions.values()].flatMap((one) => [...one.values()]),
    writes: (): number => writes,
  };
};
