import type { Workspace } from '../../keys/workspace.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { callbackSecretAnswer } from './get-callback-secret.ts';

type Dependencies = {
  workspaces: { rotateCallbackSecret(id: string, nowMs: number): Promise<Workspace | undefined> };
  now: Clock;
};

/** `POST /v1/callbacks/secret/rotate`: makes a new signing secret; for 24 hours the old one signs as well. */
export const createRotateCallbackSecret =
  ({ workspaces, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const { id } = c.get('workspace');
    const workspace = await workspaces.rotateCallbackSecret(id, now());
    if (workspace === undefined) throw new Error(`workspace ${id} has a key but does not exist`);
    return c.json(callbackSecretAnswer(workspace, now()), 200, { 'cache-control': 'no-store' });
  };
