import { invalidRequest } from '../../errors.ts';
import { formatUsd } from '../../money.ts';
import type { Clock } from '../../time.ts';
import { type DayRange, daysWithEntries, readDayRange } from '../../usage/day-range.ts';
import type { Ledger } from '../../usage/ledger.ts';
import type { LedgerEntry } from '../../usage/ledger-entry.ts';
import { createTally, readUsage, type UsageSum } from '../../usage/usage-report.ts';
import type { ApiContext } from '../context.ts';
import { readQuery } from '../read-query.ts';

type Dependencies = { ledger: Pick<Ledger, 'read'>; now: Clock };

export const usageGroups = ['day', 'model', 'key'] as const;
type UsageGroup = (typeof usageGroups)[number];

/** `GET /v1/usage`: what the workspace's tasks came to, by day, model or key. */
export const createGetUsage =
  ({ ledger, now }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const { id: workspaceId, livemode } = c.get('workspace');
    const { range, groupBy } = readUsageQuery(c, now());
    const tally = createTally();
    const days = daysWithEntries(range, now());
    await readUsage(ledger, { workspaceId, days }, (entry, day) =>
      tally.add(groupOf(groupBy, entry, day), entry),
    );
    c.header('cache-control', 'no-store');
    return c.json({
      object: 'usage',
      ...range,
      group_by: groupBy,
      data: tally.groups().map(([key, sum]) => ({ key, ...amountsOf(sum), livemode })),
      total_usd: formatUsd(tally.total().microUsd),
    });
  };

const groupOf = (groupBy: UsageGroup, entry: LedgerEntry, day: string): string => {
  if (groupBy === 'day') return day;
  return groupBy === 'model' ? entry.model : entry.keyName;
};

const amountsOf = ({ tasks, seconds, images, microUsd, unpriced }: UsageSum) => ({
  tasks,
  seconds,
  images,
  cost_usd: formatUsd(microUsd),
  unpriced_tasks: unpriced,
});

const readUsageQuery = (c: ApiContext, nowMs: number): { range: DayRange; groupBy: UsageGroup } => {
  const query = readQuery(c, ['from', 'to', 'group_by']);
  const groupBy = usageGroups.find((name) => name === (query.group_by ?? 'day'));
  const read = readDayRange(query, nowMs);
  if (groupBy !== undefined && read.problems === undefined) return { range: read.range, groupBy };
  const unknown = { param: 'group_by', message: `must be one of ${usageGroups.join(', ')}.` };
  throw invalidRequest([...(read.problems ?? []), ...(groupBy === undefined ? [unknown] : [])]);
};
