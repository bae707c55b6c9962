import type { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger-entry.ts';

export type UsageSum = {
  tasks: number;
  seconds: number;
  images: number;
  /** Of those whose cost is known. */
  microUsd: number;
  /** Of how many it is not. */
  unpriced: number;
};

export type Tally = {
  add(group: string, entry: LedgerEntry): void;
  /** Sorted by the names of the groups. */
  groups(): [name: string, UsageSum][];
  total(): UsageSum;
};

const nothing: UsageSum = { tasks: 0, seconds: 0, images: 0, microUsd: 0, unpriced: 0 };

const plus = (sum: UsageSum, { seconds, images, microUsd }: LedgerEntry): UsageSum => ({
  tasks: sum.tasks + 1,
  seconds: sum.seconds + seconds,
  images: sum.images + images,
  microUsd: sum.microUsd + (microUsd ?? 0),
  unpriced: sum.unpriced + (microUsd === null ? 1 : 0),
});

/** Sums entries up by group. */
export const createTally = (): Tally => {
  const groups = new Map<string, UsageSum>();
  let total = nothing;
  return {
    add(group, entry) {
      groups.set(group, plus(groups.get(group) ?? nothing, entry));
      total = plus(total, entry);
    },
    groups: () => [...groups].sort(([one], [other]) => (one < other ? -1 : 1)),
    total: () => total,
  };
};

const daysAtOnce = 8;

/** Hands over a workspace's entries of some days, in any order. */
export const readUsage = async (
  ledger: Pick<Ledger, 'read'>,
  { workspaceId, days }: { workspaceId: string; days: readonly string[] },
  take: (entry: LedgerEntry, day: string) => void,
): Promise<void> => {
  for (let first = 0; first < days.length; first += daysAtOnce)
    await Promise.all(
      days.slice(first, first + daysAtOnce).map(async (day) => {
        for await (const entry of ledger.read(workspaceId, day)) take(entry, day);
      }),
    );
};
