import type { Table } from '../../lib/aws/table.ts';
import { formatUsd } from '../../lib/money.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { type EndedTask, isEnded } from '../../lib/tasks/task.ts';
import { utcDay } from '../../lib/time.ts';
import { createLedger } from '../../lib/usage/ledger.ts';
import { createTally, readUsage } from '../../lib/usage/usage-report.ts';
import { printTable } from './table.ts';

const endedAmong = async (table: Table, taskIds: readonly string[]): Promise<EndedTask[]> => {
  const store = createDynamoTaskStore(table, Date.now);
  const ended: EndedTask[] = [];
  for (let first = 0; first < taskIds.length; first += 100)
    ended.push(...(await store.findAll(taskIds.slice(first, first + 100))).filter(isEnded));
  return ended;
};

/** Prints what tasks of one workspace cost, and what its ledger holds of their days. */
export const printReconciliation = async (table: Table, taskIds: readonly string[]): Promise<void> => {
  const ended = await endedAmong(table, taskIds);
  const [workspaceId = ''] = ended.map((task) => task.workspaceId);
  const days = [...new Set(ended.map(({ createdAtMs }) => utcDay(createdAtMs)))];
  const tally = createTally();
  await readUsage(createLedger(table), { workspaceId, days }, (entry, day) => tally.add(day, entry));
  const { tasks, microUsd } = tally.total();
  const cost = ended.reduce((sum, task) => sum + (task.cost?.microUsd ?? 0), 0);
  printTable(
    'The ledger against the tasks',
    ['', 'tasks', 'USD'],
    [
      ['what the tasks say that they cost', ended.length, formatUsd(cost)],
      ['what the ledger holds', tasks, formatUsd(microUsd)],
      ['difference', tasks - ended.length, (microUsd - cost) / 1_000_000],
    ],
  );
};
