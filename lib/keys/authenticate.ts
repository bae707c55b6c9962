import { ApiError } from '../errors.ts';
import { createRecentCache } from '../recent-cache.ts';
import { type Clock, secondMs } from '../time.ts';
import { type ApiKey, hashApiKey, keyState, looksLikeApiKey } from './api-key.ts';
import type { Workspace } from './workspace.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** Who sent a request. */
type Caller = { workspace: Workspace; keyHash: string; keyName: string };

/**
 * Tells who sent a request from its Authorization header.
 *
 * @throws ApiError 401 that says what is wrong with the key and what to do.
 */
export type Authenticate = (authorizationHeader: string | undefined) => Promise<Caller>;

type Dependencies = {
  keys: { find(hash: string): Promise<ApiKey | undefined> };
  workspaces: Pick<WorkspaceStore, 'find'>;
  now: Clock;
};

type Known = { key: ApiKey; workspace: Workspace };

/** A disabled key must stop within 60 s; half of that leaves room for requests under way. */
const knownForMs = 30 * secondMs;
/** Short, so that a key works at once although somebody was quicker to try it than the operator to make it. */
const unknownForMs = 5 * secondMs;
const maxEntries = 5_000;

export const createAuthenticator = ({ keys, workspaces, now }: Dependencies): Authenticate => {
  const known = createRecentCache<Known>({ maxAgeMs: knownForMs, maxEntries, now });
  const unknown = createRecentCache<true>({ maxAgeMs: unknownForMs, maxEntries, now });
  const underWay = new Map<string, Promise<Known | undefined>>();

  const read = async (hash: string): Promise<Known | undefined> => {
    const readAtMs = now();
    const key = await keys.find(hash);
    const workspace = key && (await workspaces.find(key.workspaceId));
    if (key && workspace) known.put(hash, { key, workspace }, readAtMs);
    else unknown.put(hash, true, readAtMs);
    return key && workspace && { key, workspace };
  };

  /** Requests that arrive together with the same key share one look-up. */
  const readOnce = (hash: string): Promise<Known | undefined> => {
    const reading = underWay.get(hash) ?? read(hash).finally(() => underWay.delete(hash));
    underWay.set(hash, reading);
    return reading;
  };

  return async (authorizationHeader) => {
    const hash = hashApiKey(readKey(authorizationHeader));
    const found = known.get(hash) ?? (unknown.get(hash) ? undefined : await readOnce(hash));
    // A key that was stored by hand for a workspace of the other kind would say something untrue of itself.
    if (!found || found.key.livemode !== found.workspace.livemode) throw refused(unknownKey);
    const state = keyState(found.key, now());
    if (state === 'disabled')
      throw refused('This API key has been disabled. Ask the operator for a new one.');
    if (state === 'expired') throw refused('This API key has expired. Ask the operator for a new one.');
    return { workspace: found.workspace, keyHash: hash, keyName: found.key.name };
  };
};

const unknownKey =
  'This API key is not known here. Check that it was copied whole and belongs to this gateway; ask the operator if it was lost.';

const readKey = (header: string | undefined): string => {
  if (header === undefined || header.trim() === '')
    throw refused('There is no API key. Send it as the header "Authorization: Bearer sk-clearmaas-…".');
  const [, key] = /^\s*Bearer\s+(\S+)\s*$/i.exec(header) ?? [];
  if (key === undefined)
    throw refused(
      'The Authorization header must be "Bearer", one space and the API key: "Bearer sk-clearmaas-…".',
    );
  if (!looksLikeApiKey(key))
    throw refused('This is not an API key of this gateway. Its keys begin with "sk-clearmaas-".');
  return key;
};

const refused = (message: string): ApiError =>
  new ApiError(message, {
    status: 401,
    code: 'invalid_api_key',
    headers: { 'www-authenticate': 'Bearer' },
  });
