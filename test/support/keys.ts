import { type ApiKey, describeApiKey, newCallbackSecret } from '../../lib/keys/api-key.ts';
import type { Workspace } from '../../lib/keys/workspace.ts';

/** The moment at which a test's ordinary things were made. */
export const noonMs = Date.UTC(2026, 10, 22, 12);

export const aWorkspace = (changes: Partial<Workspace> = {}): Workspace => ({
  id: 'ws_example',
  createdAtMs: noonMs,
  livemode: true,
  callbackSecret: newCallbackSecret(),
  ...changes,
});

export const anApiKey = (key = 'sk-clearmaas-example', changes: Partial<ApiKey> = {}): ApiKey => ({
  ...describeApiKey(key, { name: 'example', workspaceId: 'ws_example', createdAtMs: noonMs }),
  ...changes,
});
