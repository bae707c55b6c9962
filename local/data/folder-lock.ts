import { DatabaseSync } from 'node:sqlite';

export type FolderLock = { release(): void };

/**
 * Takes the lock of that file, or answers `undefined` while another process has it. SQLite's own lock is the
 * operating system's, so it vanishes with its process, however that ends.
 */
export const takeLock = (file: string, waitMs = 0): FolderLock | undefined => {
  const database = new DatabaseSync(file, { timeout: waitMs });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
};

const sqliteBusy = 5;
const isBusy = (error: unknown) => (error as { errcode?: number }).errcode === sqliteBusy;
