import type { WorkspaceStore } from '../../keys/workspace-store.ts';
import type { Clock } from '../../time.ts';
import { readOptionalFields } from '../body/read-body.ts';
import { fingerprint } from '../canonical-json.ts';
import type { ApiContext } from '../context.ts';
import type { FirstAttempts } from '../first-attempts.ts';
import { markReplay } from '../replay.ts';
import { nameTask } from '../task-name.ts';
import { callbackSecretAnswer } from './get-callback-secret.ts';

type Dependencies = {
  workspaces: Pick<WorkspaceStore, 'rotateCallbackSecret'>;
  firstAttempts: FirstAttempts;
  now: Clock;
};

const route = 'rotate';

/**
 * `POST /v1/callbacks/secret/rotate`: makes a new signing secret; for 24 hours the old one signs as well. A repeat makes
 * none: the one before would end too early.
 */
export const createRotateCallbackSecret =
  ({ workspaces, firstAttempts, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const { id } = c.get('workspace');
    await readOptionalFields(c, []);
    const name = await nameTask(c, { route, requestHash: fingerprint({}) }, firstAttempts);
    await name.announce();
    const rotation = await workspaces.rotateCallbackSecret(id, name.taskId, now());
    if (rotation === undefined) throw new Error(`workspace ${id} has a key but does not exist`);
    if (rotation.isReplay) markReplay(c);
    return c.json(callbackSecretAnswer(rotation.workspace, now()), 200, { 'cache-control': 'no-store' });
  };
