import type { Item, QueryInput, Table } from './table.ts';

/** All that a query finds, however many pages it has. */
export async function* everyItem(
  table: Table,
  query: Omit<QueryInput, 'ExclusiveStartKey'>,
): AsyncGenerator<Item> {
  let startKey: Item | undefined;
  do {
    const { Items, LastEvaluatedKey } = await table.query({ ...query, ExclusiveStartKey: startKey });
    yield* Items;
    startKey = LastEvaluatedKey;
  } while (startKey !== undefined);
}
