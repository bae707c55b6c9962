import { showCap } from '../lib/cap.ts';
import {
  type ApiKey,
  describeApiKey,
  keyId,
  keyState,
  newApiKey,
  newCallbackSecret,
  newWorkspaceId,
} from '../lib/keys/api-key.ts';
import { createKeyStore } from '../lib/keys/key-store.ts';
import type { Workspace } from '../lib/keys/workspace.ts';
import { createWorkspaceStore } from '../lib/keys/workspace-store.ts';
import type { Subcommand } from './command-line.ts';
import type { Deployment } from './deployment.ts';
import { parseLifeTimeMs } from './life-time.ts';
import { textTable, textTime } from './text-table.ts';
import { UsageError } from './usage-error.ts';

const keysOf = ({ table }: Deployment) => createKeyStore(table);
const workspacesOf = ({ table }: Deployment) => createWorkspaceStore(table);

const kindOf = ({ livemode }: Pick<ApiKey, 'livemode'>): string => (livemode ? 'live' : 'test');

/** What may be told of a key: everything but its hash. */
const keyData = (key: ApiKey, nowMs: number) => ({
  key_id: keyId(key),
  name: key.name,
  workspace: key.workspaceId,
  livemode: key.livemode,
  ends_with: key.hint,
  state: keyState(key, nowMs),
  created_at: new Date(key.createdAtMs).toISOString(),
  expires_at: key.expiresAtMs === undefined ? null : new Date(key.expiresAtMs).toISOString(),
});

/** The named workspace, or a new one; `isTest` where a test key is wanted. */
const workspaceFor = async (
  deployment: Deployment,
  { named, isTest, nowMs }: { named: string | undefined; isTest: boolean; nowMs: number },
): Promise<Workspace> => {
  const workspaces = workspacesOf(deployment);
  if (named !== undefined) {
    const found = await workspaces.find(named);
    if (found && isTest && found.livemode)
      throw new Error(
        `${named} is a live workspace, for ever. Leave --workspace out: a test key gets a workspace of its own.`,
      );
    if (found) return found;
    throw new Error(`There is no workspace ${named}. Leave --workspace out to make a new one.`);
  }
  const workspace = {
    id: newWorkspaceId(),
    createdAtMs: nowMs,
    livemode: !isTest,
    callbackSecret: newCallbackSecret(),
  };
  await workspaces.create(workspace);
  return workspace;
};

/** It stands in lists, in usage and in CSV. */
const readName = (name: string): string => {
  if (!/^\P{Cc}{1,100}$/u.test(name)) throw new UsageError('--name must be 1 to 100 characters in one line.');
  return name.trim();
};

export const createKey: Subcommand = {
  usage: 'create --name <name> [--test] [--workspace <id>] [--expires-in <time>]',
  summary:
    'make a key and show it once; time: 12h, 30d, 4w, 1y. Without --workspace it gets one of its own. --test: everything it makes comes from the sandbox and costs nothing, and so do all keys of its workspace',
  options: ['name', 'workspace', 'expires-in'],
  flags: ['test'],
  async run(deployment, given, nowMs) {
    const name = readName(given.needed('name'));
    const lifeTime = given.value('expires-in');
    const expiresAtMs = lifeTime === undefined ? undefined : nowMs + parseLifeTimeMs(lifeTime);
    const workspace = await workspaceFor(deployment, {
      named: given.value('workspace'),
      isTest: given.has('test'),
      nowMs,
    });
    const text = newApiKey(workspace.livemode);
    const key = describeApiKey(text, {
      name,
      workspaceId: workspace.id,
      createdAtMs: nowMs,
      ...(expiresAtMs !== undefined && { expiresAtMs }),
    });
    await keysOf(deployment).create(key);
    const table = textTable([
      ['name', name],
      ['key id', keyId(key)],
      ['workspace', workspace.id],
      ['kind', kindOf(key)],
      ['expires', expiresAtMs === undefined ? 'never' : textTime(expiresAtMs)],
      ['callback secret', workspace.callbackSecret],
    ]);
    return {
      text: `${text}\n\nThis is the only time that the key is shown. Callbacks of its tasks are signed with the secret of its workspace.\n\n${table}`,
      data: { key: text, callback_secret: workspace.callbackSecret, ...keyData(key, nowMs) },
    };
  },
};

/** The spending caps of the workspaces that these keys belong to, as they are written. */
const capsOf = async (deployment: Deployment, keys: readonly ApiKey[]): Promise<Map<string, string>> => {
  const ids = [...new Set(keys.map(({ workspaceId }) => workspaceId))];
  const workspaces = await Promise.all(ids.map((id) => workspacesOf(deployment).find(id)));
  return new Map(
    workspaces.flatMap((workspace): [string, string][] =>
      workspace?.cap === undefined ? [] : [[workspace.id, showCap(workspace.cap)]],
    ),
  );
};

export const listKeys: Subcommand = {
  usage: 'list',
  summary: 'show every key, without the keys themselves',
  async run(deployment, _given, nowMs) {
    const keys = await keysOf(deployment).list();
    const caps = await capsOf(deployment, keys);
    const rows = keys.map((key) => [
      keyId(key),
      `…${key.hint}`,
      key.name,
      key.workspaceId,
      kindOf(key),
      keyState(key, nowMs),
      textTime(key.createdAtMs),
      key.expiresAtMs === undefined ? 'never' : textTime(key.expiresAtMs),
      caps.get(key.workspaceId) ?? 'none',
    ]);
    const header = [
      'KEY ID',
      'ENDS',
      'NAME',
      'WORKSPACE',
      'KIND',
      'STATE',
      'CREATED',
      'EXPIRES',
      'CAP (USD)',
    ];
    return {
      text: keys.length === 0 ? 'There are no keys.' : textTable([header, ...rows]),
      data: keys.map((key) => ({ ...keyData(key, nowMs), cap_usd: caps.get(key.workspaceId) ?? null })),
    };
  },
};

export const disableKey: Subcommand = {
  usage: 'disable <key id>',
  summary: 'end a key for ever; it stops working within 60 seconds',
  operand: 'a key id, as the list shows it',
  async run(deployment, { operand: id }, nowMs) {
    const key = await keysOf(deployment).disable(id, nowMs);
    if (!key) throw new Error(`There is no key ${id}. The list command shows every key id.`);
    return {
      text: `${id} (${key.name}, …${key.hint}) is disabled. It stops working within 60 seconds.`,
      data: keyData(key, nowMs),
    };
  },
};
