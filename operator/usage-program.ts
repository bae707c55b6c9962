import { createKeyStore } from '../lib/keys/key-store.ts';
import { formatUsd } from '../lib/money.ts';
import { type DayRange, daysWithEntries, readDayRange } from '../lib/usage/day-range.ts';
import { createLedger } from '../lib/usage/ledger.ts';
import type { LedgerEntry } from '../lib/usage/ledger-entry.ts';
import { createTally, readUsage, type Tally } from '../lib/usage/usage-report.ts';
import type { Given, Program, Subcommand } from './command-line.ts';
import type { Deployment } from './deployment.ts';
import { textTable } from './text-table.ts';
import { UsageError } from './usage-error.ts';

const columns = ['workspace', 'key', 'day', 'model', 'tasks', 'seconds', 'images', 'cost_usd'] as const;
type Row = Record<(typeof columns)[number], string | number | null>;

const rangeOf = (given: Given, nowMs: number): DayRange => {
  const read = readDayRange({ from: given.value('from'), to: given.value('to') }, nowMs);
  if (read.problems === undefined) return read.range;
  throw new UsageError(read.problems.map(({ param, message }) => `--${param} ${message}`).join(' '));
};

/** What nobody knows the cost of stands in a row of its own, so that no sum looks whole where it is not. */
const groupOf = (workspaceId: string, day: string, entry: LedgerEntry): string =>
  JSON.stringify([workspaceId, entry.keyName, day, entry.model, entry.microUsd === null]);

const rowsOf = (tally: Tally): Row[] =>
  tally.groups().map(([group, { tasks, seconds, images, microUsd, unpriced }]) => {
    const [workspace = '', key = '', day = '', model = ''] = JSON.parse(group) as string[];
    const cost_usd = unpriced > 0 ? null : formatUsd(microUsd);
    return { workspace, key, day, model, tasks, seconds, images, cost_usd };
  });

const readAll = async ({ table }: Deployment, range: DayRange, nowMs: number): Promise<Tally> => {
  const keys = await createKeyStore(table).list();
  const [ledger, tally, days] = [createLedger(table), createTally(), daysWithEntries(range, nowMs)];
  for (const workspaceId of new Set(keys.map((key) => key.workspaceId)))
    await readUsage(ledger, { workspaceId, days }, (entry, day) =>
      tally.add(groupOf(workspaceId, day, entry), entry),
    );
  return tally;
};

/** RFC 4180. */
const csvOf = (rows: readonly Row[]): string =>
  [columns, ...rows.map((row) => columns.map((name) => `${row[name] ?? ''}`))]
    .map((cells) => cells.map(csvCell).join(','))
    .join('\n');

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const tableOf = (rows: readonly Row[], { from, to }: DayRange, tally: Tally): string => {
  if (rows.length === 0) return `Nothing was made from ${from} to ${to}.`;
  const { tasks, microUsd, unpriced } = tally.total();
  const cells = rows.map((row) => columns.map((name) => `${row[name] ?? 'unknown'}`));
  const unknown = unpriced === 0 ? '' : ` and what nobody knows of ${unpriced} of them`;
  return `${textTable([[...columns], ...cells])}\n\n${tasks} tasks from ${from} to ${to}: $${formatUsd(microUsd)}${unknown}`;
};

const showUsage: Subcommand = {
  usage: '[--from <day>] [--to <day>] [--csv]',
  summary:
    'the tasks that ended, by workspace, key, day of acceptance (UTC) and model; the current month unless told otherwise',
  options: ['from', 'to'],
  flags: ['csv'],
  async run(deployment, given, nowMs) {
    if (given.has('csv') && given.has('json')) throw new UsageError('Give --csv or --json, not both.');
    const range = rangeOf(given, nowMs);
    const tally = await readAll(deployment, range, nowMs);
    const rows = rowsOf(tally);
    return { text: given.has('csv') ? csvOf(rows) : tableOf(rows, range, tally), data: rows };
  },
};

export const usageProgram: Program = {
  name: 'usage',
  purpose: 'Shows what all workspaces of a gateway came to.',
  subcommands: { '': showUsage },
};
