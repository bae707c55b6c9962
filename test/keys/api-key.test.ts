import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  describeApiKey,
  keyId,
  keyState,
  looksLikeApiKey,
  newApiKey,
  newCallbackSecret,
} from '../../lib/keys/api-key.ts';
import { anApiKey, noonMs } from '../support/keys.ts';

test('a new key has ClearMaas’s prefix and 48 random letters and digits', () => {
  expect(newApiKey()).toMatch(/^sk-clearmaas-[0-9A-Za-z]{48}$/);
  expect(newApiKey()).not.toBe(newApiKey());
});

test('a signing secret is 32 bytes in base64, as Standard Webhooks wants it', () => {
  const [, bytes = ''] = newCallbackSecret().split('whsec_');
  expect(Buffer.from(bytes, 'base64')).toHaveLength(32);
});

test('what is kept of a key does not hold the key', () => {
  const key = newApiKey();
  const kept = describeApiKey(key, { name: 'shop', workspaceId: 'ws_shop', createdAtMs: noonMs });
  expect(kept.hash).toBe(createHash('sha256').update(key).digest('hex'));
  expect(kept.hint).toBe(key.slice(-4));
  expect(JSON.stringify(kept)).not.toContain(key.slice('sk-clearmaas-'.length, -4));
});

test('an operator’s name for a key is made of its hash', () => {
  expect(keyId({ hash: 'abcdef0123456789ffff' })).toBe('key_abcdef0123456789');
});

test.each([
  ['sk-clearmaas-test', true],
  [newApiKey(), true],
  ['sk-clearmaas-', false],
  ['sk-proj-1234', false],
  [`sk-clearmaas-${'x'.repeat(201)}`, false],
  ['', false],
])('"%s" could be a key: %s', (text, expected) => {
  expect(looksLikeApiKey(text)).toBe(expected);
});

test('a key is active until the very moment at which it expires', () => {
  const key = anApiKey('sk-clearmaas-a', { expiresAtMs: noonMs });
  expect(keyState(key, noonMs - 1)).toBe('active');
  expect(keyState(key, noonMs)).toBe('expired');
  expect(keyState({ ...key, disabledAtMs: noonMs }, noonMs - 1)).toBe('disabled');
});
