import { type Clock, secondMs } from '../time.ts';
import { createRecentCache } from './recent-cache.ts';
import type { Workspace } from './workspace.ts';

type Dependencies = {
  workspaces: { find(id: string): Promise<Workspace | undefined> };
  now: Clock;
};

/** An operator's change reaches every instance within that time. */
const knownForMs = 10 * secondMs;
const maxKnown = 5_000;

/** Tells how many videos of a workspace may be in flight at once; `undefined`: any number. */
export const createInFlightLimit = ({ workspaces, now }: Dependencies) => {
  const known = createRecentCache<{ most: number | undefined }>({
    maxAgeMs: knownForMs,
    maxEntries: maxKnown,
    now,
  });
  return async (workspaceId: string): Promise<number | undefined> => {
    const seen = known.get(workspaceId);
    if (seen !== undefined) return seen.most;
    const readAtMs = now();
    const most = (await workspaces.find(workspaceId))?.maxInFlight;
    known.put(workspaceId, { most }, readAtMs);
    return most;
  };
};
