import { tookEffect } from '../aws/conditional-write.ts';
import type { Table } from '../aws/table.ts';
import { dayMs } from '../time.ts';
import { newCallbackSecret } from './api-key.ts';
import { storedWorkspace, type Workspace } from './workspace.ts';

/** What an operator may set. `undefined` returns a setting to its default; a setting not named stays. */
export type WorkspaceChanges = {
  [Name in 'rateLimitPerMinute' | 'maxInFlight' | 'cap' | 'callbackUrl' | 'callbackHeaders']?:
    | Workspace[Name]
    | undefined;
};

type Rotation = { workspace: Workspace; isReplay: boolean };

export type WorkspaceStore = {
  /** Stores a workspace. `false`: there is one of that id already, and it stays as it is. */
  create(workspace: Workspace): Promise<boolean>;
  /** Stores a workspace whether or not there is one of that id. */
  replace(workspace: Workspace): Promise<void>;
  find(id: string): Promise<Workspace | undefined>;
  /** `undefined`: there is no such workspace. */
  set(id: string, changes: WorkspaceChanges): Promise<Workspace | undefined>;
  /**
   * Makes a new signing secret; the one before it signs as well for 24 hours. Of two rotations at the same moment
   * only one takes place, and both are told of it. A rotation that took place already, by its id, is not made again.
   * `undefined`: there is no such workspace.
   */
  rotateCallbackSecret(id: string, rotationId: string, nowMs: number): Promise<Rotation | undefined>;
};

/** A repeat comes soon after the first, so the last few are enough. */
const maxRotationIds = 10;

const itemKey = (id: string) => ({ pk: `WORKSPACE#${id}`, sk: 'WORKSPACE' });

export const createWorkspaceStore = (table: Table): WorkspaceStore => {
  const find = async (id: string): Promise<Workspace | undefined> => {
    const { Item } = await table.get({ Key: itemKey(id), ConsistentRead: true });
    return Item && storedWorkspace.parse(Item);
  };

  const noteRotation = (id: string, rotationId: string): Promise<boolean> =>
    tookEffect(
      table.update({
        Key: itemKey(id),
        UpdateExpression: 'SET rotationIds = list_append(:own, rotationIds)',
        ConditionExpression: 'attribute_exists(rotationIds)',
        ExpressionAttributeValues: { ':own': [rotationId] },
      }),
    );

  return {
    find,
    create: (workspace) =>
      tookEffect(
        table.put({
          Item: { ...itemKey(workspace.id), ...workspace },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      ),
    async replace(workspace) {
      const item = { ...itemKey(workspace.id), ...workspace };
      await table.put({ Item: item });
    },
    async set(id, changes) {
      const update = settingUpdate(changes);
      if (update)
        await tookEffect(
          table.update({
            Key: itemKey(id),
            ConditionExpression: 'attribute_exists(pk)',
            ...update,
          }),
        );
      return find(id);
    },
    async rotateCallbackSecret(id, rotationId, nowMs) {
      const seen = await find(id);
      if (!seen) return undefined;
      const { rotationIds = [] } = seen;
      if (rotationIds.includes(rotationId)) return { workspace: seen, isReplay: true };
      await tookEffect(
        table.update({
          Key: itemKey(id),
          UpdateExpression:
            'SET callbackSecret = :new, previousCallbackSecret = :previous, rotationIds = :rotations',
          ConditionExpression: 'callbackSecret = :seen',
          ExpressionAttributeValues: {
            ':seen': seen.callbackSecret,
            ':new': newCallbackSecret(),
            ':rotations': [rotationId, ...rotationIds].slice(0, maxRotationIds),
            ':previous': { secret: seen.callbackSecret, endsAtMs: nowMs + dayMs },
          },
        }),
      );
      const workspace = await find(id);
      // Another took place instead. A repeat of this one must not end the secret before that too early.
      if (workspace && !workspace.rotationIds?.includes(rotationId)) await noteRotation(id, rotationId);
      return workspace && { workspace, isReplay: false };
    },
  };
};

/** The update that makes the changes; `undefined` if there are none. */
const settingUpdate = (changes: WorkspaceChanges) => {
  const entries = Object.entries(changes);
  const set = entries.filter(([, value]) => value !== undefined);
  const removed = entries.filter(([, value]) => value === undefined).map(([name]) => name);
  const clauses = [
    set.length > 0 && `SET ${set.map(([name]) => `${name} = :${name}`).join(', ')}`,
    removed.length > 0 && `REMOVE ${removed.join(', ')}`,
  ].filter((clause) => clause !== false);
  if (clauses.length === 0) return undefined;
  return {
    UpdateExpression: clauses.join(' '),
    ...(set.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
    }),
  };
};
