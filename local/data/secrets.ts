import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { newApiKey, newCallbackSecret } from '../../lib/keys/api-key.ts';
import type { Settings } from '../settings.ts';
import { type DataFolder, readJson, writeJson } from './data-folder.ts';

const storedSecrets = z.object({
  apiKey: z.string(),
  callbackSecret: z.string(),
  linkSigningKey: z.string(),
});
export type Secrets = z.infer<typeof storedSecrets>;

export const makeSecrets = (): Secrets => ({
  apiKey: newApiKey(),
  callbackSecret: newCallbackSecret(),
  linkSigningKey: randomBytes(32).toString('base64url'),
});

/** What was made at the first start on this data, and what the settings say instead. */
export const keepSecrets = (folder: DataFolder, settings: Settings): Secrets => {
  const made = storedSecrets.safeParse(readJson(folder.secrets)).data ?? makeSecrets();
  writeJson(folder.secrets, made);
  return {
    apiKey: settings.CLEARMAAS_API_KEY ?? made.apiKey,
    callbackSecret: settings.CLEARMAAS_CALLBACK_SECRET ?? made.callbackSecret,
    linkSigningKey: settings.variables['LINK_SIGNING_KEY'] ?? made.linkSigningKey,
  };
};
