import type { Workspace } from '../../keys/workspace.ts';
import type { WorkspaceStore } from '../../keys/workspace-store.ts';
import { type Clock, toEpochSeconds } from '../../time.ts';
import type { ApiContext } from '../context.ts';

type Dependencies = { workspaces: Pick<WorkspaceStore, 'find'>; now: Clock };

/** What a client may know of its signing secrets: the newest, and until when the one before it signs as well. */
export const callbackSecretAnswer = (
  { callbackSecret, previousCallbackSecret }: Workspace,
  nowMs: number,
) => ({
  secret: callbackSecret,
  previous_expires_at:
    previousCallbackSecret && previousCallbackSecret.endsAtMs > nowMs
      ? toEpochSeconds(previousCallbackSecret.endsAtMs)
      : null,
});

/** `GET /v1/callbacks/secret`: the secret that verifies this workspace's callbacks. */
export const createGetCallbackSecret =
  ({ workspaces, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    // What the key check knows may be a minute old, and a secret may have been rotated since.
    const workspace = (await workspaces.find(c.get('workspace').id)) ?? c.get('workspace');
    return c.json(callbackSecretAnswer(workspace, now()), 200, { 'cache-control': 'no-store' });
  };
