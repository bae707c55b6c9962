import { isEnded, type Task } from '../../lib/tasks/task.ts';
import { utcDay } from '../../lib/time.ts';
import { entryOfTask, type LedgerEntry, ledgerEntry } from '../../lib/usage/ledger-entry.ts';
import { promise } from './invariants.ts';
import type { SimulatedTable } from './table.ts';

const placeOf = ({ id, workspaceId, createdAtMs }: Task): string =>
  `LEDGER#${workspaceId}#${utcDay(createdAtMs)} ${id}`;

const sumOf = (entries: readonly LedgerEntry[]): number =>
  entries.reduce((sum, { microUsd }) => sum + (microUsd ?? 0), 0);

/** What must hold of the ledger: it says of every task that has ended what that very end cost, and nothing else. */
export const createBooks = (table: () => Pick<SimulatedTable, 'ledger' | 'tasks'>) => {
  const checkEntry = (task: Task): void => {
    if (!isEnded(task)) return;
    const entry = table().ledger().get(placeOf(task));
    promise(entry !== undefined, `what ends is in the ledger; ${task.id} is not`);
    const [booked, due] = [ledgerEntry.parse(entry), entryOfTask(task)].map((one) => JSON.stringify(one));
    promise(booked === due, `the ledger tells of the end that took place; ${task.id}: ${booked}, not ${due}`);
  };

  return {
    onWrite: (after: Task): void => checkEntry(after),
    /** When all is over. */
    checkSum(): void {
      const ended = table().tasks().filter(isEnded);
      for (const task of ended) checkEntry(task);
      const entries = [...table().ledger().values()].map((item) => ledgerEntry.parse(item));
      promise(entries.length === ended.length, `${ended.length} tasks ended, ${entries.length} are booked`);
      const [booked, due] = [sumOf(entries), sumOf(ended.map(entryOfTask))];
      promise(booked === due, `the ledger comes to ${booked} micro-dollars, the tasks to ${due}`);
    },
  };
};
