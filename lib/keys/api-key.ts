import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { randomBase62 } from '../base62.ts';

const prefix = 'sk-clearmaas-';
const secretLength = 48;

export const storedKey = z.object({
  /** SHA-256 of the key, in hex. A key is 285 random bits, so a plain hash cannot be searched. */
  hash: z.string(),
  name: z.string(),
  workspaceId: z.string(),
  /** That of its workspace, which the key itself shows. */
  livemode: z._default(z.boolean(), true),
  createdAtMs: z.number(),
  expiresAtMs: z.exactOptional(z.number()),
  disabledAtMs: z.exactOptional(z.number()),
  /** The key's last four characters, for people to recognise it. */
  hint: z.string(),
});
/** What is kept of a key. The key itself is shown once and never stored. */
export type ApiKey = z.infer<typeof storedKey>;

const testPrefix = `${prefix}test-`;

export const newApiKey = (livemode = true): string =>
  `${livemode ? prefix : testPrefix}${randomBase62(secretLength)}`;

/** Whether a key is one of a test workspace, as whoever holds it can see. */
export const isTestKey = (key: string): boolean => key.startsWith(testPrefix);

export const newWorkspaceId = (): string => `ws_${randomBase62(16)}`;

/** A signing secret as Standard Webhooks writes it: 32 random bytes in base64. */
export const newCallbackSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Whether a text could be a key at all, so that other tokens cost no look-up. */
export const looksLikeApiKey = (text: string): boolean => /^sk-clearmaas-[\x21-\x7e]{1,200}$/.test(text);

export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** What operators call a key by. It tells nothing about the key. */
export const keyId = ({ hash }: Pick<ApiKey, 'hash'>): string => `key_${hash.slice(0, 16)}`;

/** The stored side of a key. */
export const describeApiKey = (key: string, details: Omit<ApiKey, 'hash' | 'hint' | 'livemode'>): ApiKey => ({
  ...details,
  hash: hashApiKey(key),
  livemode: !isTestKey(key),
  hint: key.slice(-4),
});

/** Whether a key may be used now, and if not, why. */
export const keyState = (key: ApiKey, nowMs: number): 'active' | 'disabled' | 'expired' => {
  if (key.disabledAtMs !== undefined) return 'disabled';
  return key.expiresAtMs !== undefined && key.expiresAtMs <= nowMs ? 'expired' : 'active';
};
