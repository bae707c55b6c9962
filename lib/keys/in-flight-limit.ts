import { createRecentCache } from '../recent-cache.ts';
import { type Clock, secondMs } from '../time.ts';
import type { WorkspaceStore } from './workspace-store.ts';

type Dependencies = {
  workspaces: Pick<WorkspaceStore, 'find'>;
  now: Clock;
};

/** An operator's change reaches every instance within that time. */
const knownForMs = 10 * secondMs;
const maxKnown = 5_000;

/** Tells how many videos of a workspace may be in flight at once; `undefined`: any number. `fresh`: as it is now. */
export const createInFlightLimit = ({ workspaces, now }: Dependencies) => {
  const known = createRecentCache<{ max: number | undefined }>({
    maxAgeMs: knownForMs,
    maxEntries: maxKnown,
    now,
  });
  return async (workspaceId: string, fresh = false): Promise<number | undefined> => {
    const seen = fresh ? undefined : known.get(workspaceId);
    if (seen !== undefined) return seen.max;
    const readAtMs = now();
    const max = (await workspaces.find(workspaceId))?.maxInFlight;
    known.put(workspaceId, { max }, readAtMs);
    return max;
  };
};
