import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyId } from '../../lib/keys/api-key.ts';
import { createKeyStore, type KeyStore } from '../../lib/keys/key-store.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { anApiKey, noonMs } from '../support/keys.ts';

let cloud: TestCloud;
let keys: KeyStore;
beforeAll(async () => {
  cloud = await startTestCloud();
  keys = createKeyStore(cloud.table);
});
afterAll(() => cloud.stop());

test('a key is found by its hash, as it was stored', async () => {
  const key = anApiKey('sk-clearmaas-found', { expiresAtMs: noonMs + 1 });
  expect(await keys.create(key)).toBe(true);
  expect(await keys.find(key.hash)).toEqual(key);
});

test('an unknown key is not found', async () => {
  expect(await keys.find(anApiKey('sk-clearmaas-unknown').hash)).toBeUndefined();
});

test('storing a key again leaves the first one, disabled or not, as it is', async () => {
  const key = anApiKey('sk-clearmaas-twice');
  await keys.create(key);
  await keys.disable(keyId(key), noonMs);
  expect(await keys.create({ ...key, name: 'other' })).toBe(false);
  expect(await keys.find(key.hash)).toEqual({ ...key, disabledAtMs: noonMs });
});

test('a disabled key says since when, and disabling it again changes nothing', async () => {
  const key = anApiKey('sk-clearmaas-disabled');
  await keys.create(key);
  expect((await keys.disable(keyId(key), noonMs))?.disabledAtMs).toBe(noonMs);
  expect((await keys.disable(keyId(key), noonMs + 5))?.disabledAtMs).toBe(noonMs);
});

test('disabling a key that does not exist says so', async () => {
  expect(await keys.disable('key_0000000000000000', noonMs)).toBeUndefined();
});

test('the list holds every key once, oldest first', async () => {
  const newer = anApiKey('sk-clearmaas-newer', { createdAtMs: noonMs + 2_000 });
  const older = anApiKey('sk-clearmaas-older', { createdAtMs: noonMs + 1_000 });
  await keys.create(newer);
  await keys.create(older);
  const hashes = (await keys.list()).map((key) => key.hash);
  expect(hashes.slice(-2)).toEqual([older.hash, newer.hash]);
  expect(new Set(hashes).size).toBe(hashes.length);
});
