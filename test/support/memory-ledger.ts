import { utcDay } from '../../lib/time.ts';
import type { Ledger } from '../../lib/usage/ledger.ts';
import { entryOfTask, type LedgerEntry, type LedgerPlace } from '../../lib/usage/ledger-entry.ts';

/** The ledger's second implementation, for tests that need no server. */
export const createMemoryLedger = (): Ledger => {
  const pages = new Map<string, Map<string, LedgerEntry>>();
  const pageOf = (workspaceId: string, day: string) => {
    const name = `${workspaceId} ${day}`;
    const page = pages.get(name) ?? new Map<string, LedgerEntry>();
    pages.set(name, page);
    return page;
  };
  const put = async ({ workspaceId, id, createdAtMs }: LedgerPlace, entry: LedgerEntry) => {
    pageOf(workspaceId, utcDay(createdAtMs)).set(id, entry);
  };
  return {
    put,
    async enter(task) {
      await put(task, entryOfTask(task));
      return true;
    },
    async withdraw({ id, workspaceId, createdAtMs }) {
      pageOf(workspaceId, utcDay(createdAtMs)).delete(id);
    },
    async *read(workspaceId, day) {
      yield* pageOf(workspaceId, day).values();
    },
  };
};
