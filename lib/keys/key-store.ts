import * as z from 'zod/mini';
import { tookEffect } from '../aws/conditional-write.ts';
import { everyItem } from '../aws/every-item.ts';
import type { Table } from '../aws/table.ts';
import { type ApiKey, keyId, storedKey } from './api-key.ts';

export type KeyStore = {
  /** Stores a key. `false`: this very key is there already, and stays as it is. */
  create(key: ApiKey): Promise<boolean>;
  find(hash: string): Promise<ApiKey | undefined>;
  /** Every key, oldest first. */
  list(): Promise<ApiKey[]>;
  /** Disables the key of that id (see {@link keyId}) for ever. `undefined`: there is no such key. */
  disable(id: string, nowMs: number): Promise<ApiKey | undefined>;
};

/** Lists the hashes of all keys, since the table cannot be searched for them without reading every task. */
const directory = 'KEYS';
const itemKey = (hash: string) => ({ pk: `KEY#${hash}`, sk: 'KEY' });

export const createKeyStore = (table: Table): KeyStore => {
  const find = async (hash: string): Promise<ApiKey | undefined> => {
    const { Item } = await table.get({ Key: itemKey(hash), ConsistentRead: true });
    return Item && storedKey.parse(Item);
  };

  const listHashes = async (): Promise<string[]> => {
    const items = everyItem(table, {
      KeyConditionExpression: 'pk = :directory',
      ExpressionAttributeValues: { ':directory': directory },
      ConsistentRead: true,
    });
    const hashes: string[] = [];
    for await (const { sk } of items) hashes.push(z.string().parse(sk));
    return hashes;
  };

  return {
    find,
    async create(key) {
      // The directory first: a crash in between leaves an entry without a key, never a usable key that no list shows.
      await table.put({ Item: { pk: directory, sk: key.hash } });
      return tookEffect(
        table.put({
          Item: { ...itemKey(key.hash), ...key },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    },
    async list() {
      const keys = await Promise.all((await listHashes()).map(find));
      return keys
        .filter((key) => key !== undefined)
        .sort((one, other) => one.createdAtMs - other.createdAtMs);
    },
    async disable(id, nowMs) {
      const hash = (await listHashes()).find((candidate) => keyId({ hash: candidate }) === id);
      if (hash === undefined) return undefined;
      await tookEffect(
        table.update({
          Key: itemKey(hash),
          UpdateExpression: 'SET disabledAtMs = if_not_exists(disabledAtMs, :now)',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':now': nowMs },
        }),
      );
      return find(hash);
    },
  };
};
