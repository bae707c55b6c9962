import type { Table } from '../lib/aws/table.ts';
import { describeApiKey } from '../lib/keys/api-key.ts';
import { createKeyStore } from '../lib/keys/key-store.ts';
import type { Workspace } from '../lib/keys/workspace.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import type { Clock } from '../lib/time.ts';

export const localWorkspaceId = 'ws_local';

type LocalWorkspaceOptions = {
  apiKey: string;
  callbackSecret: string;
  /** Whether a person chose the secret, so that it must hold even after a rotation. */
  isSecretChosen: boolean;
  now: Clock;
};

/** Sees that the printed key works and belongs to the local workspace. */
export const seedLocalWorkspace = async (
  table: Table,
  { apiKey, callbackSecret, isSecretChosen, now }: LocalWorkspaceOptions,
): Promise<Workspace> => {
  const workspaces = createWorkspaceStore(table);
  const createdAtMs = now();
  const workspace = { id: localWorkspaceId, createdAtMs, livemode: true, callbackSecret };
  await workspaces.create(workspace);
  await createKeyStore(table).create(
    describeApiKey(apiKey, { name: 'local', workspaceId: localWorkspaceId, createdAtMs }),
  );
  const stored = (await workspaces.find(localWorkspaceId)) ?? workspace;
  if (!isSecretChosen || stored.callbackSecret === callbackSecret) return stored;
  const changed = { ...stored, callbackSecret };
  await workspaces.replace(changed);
  return changed;
};
