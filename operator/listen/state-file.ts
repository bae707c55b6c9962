import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { takeLock } from '../../local/data/folder-lock.ts';
import { makeFolder } from '../../local/data/make-folder.ts';
import type { ListenArguments } from './arguments.ts';

const stored = z.object({
  /** Given to the gateway as `after`: every event before it is done with. */
  after: z.string(),
  /** Events after it that are done with as well. */
  done: z.array(z.string()),
});
/** How far a listener has come. */
export type ListenState = z.infer<typeof stored>;

export type StateFile = {
  path: string;
  read(): ListenState | undefined;
  /** Replaces the whole file at once: whatever ends the process, it is the old state or the new one. */
  write(state: ListenState): void;
  release(): void;
};

/** One file for each gateway, key and receiver, named by their hash: it tells none of them. */
export const defaultStateFile = ({ gatewayUrl, key, receiverUrl, types }: ListenArguments): string => {
  const parts = JSON.stringify([gatewayUrl, key, receiverUrl, types ?? '']);
  return join('.listen', `${createHash('sha256').update(parts).digest('hex').slice(0, 16)}.json`);
};

/** Takes a state file for one listener. Throws if another one has it. */
export const openStateFile = (path: string): StateFile => {
  const lock = inWords(path, () => {
    makeFolder(dirname(path));
    return takeLock(`${path}.lock`);
  });
  if (lock === undefined)
    throw new Error(
      `Another listener is at work with ${path}. End it, or give this one a --state file of its own.`,
    );
  return {
    path,
    read: () => readState(path),
    write: (state) => inWords(path, () => replaceFile(path, JSON.stringify(state))),
    release: lock.release,
  };
};

/** A full disk and a folder that is not ours are told in words. */
const inWords = <Result>(path: string, write: () => Result): Result => {
  try {
    return write();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      `The position cannot be kept in ${path} (${message}). Make room, or give another file with --state, and start again: the last position that was kept still holds, and what was forwarded since comes once more.`,
      { cause: error },
    );
  }
};

const readState = (path: string): ListenState | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read (${message}). Give another file with --state.`, { cause: error });
  }
  try {
    return stored.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${path} is no state of a listener. Delete it, and say with --since where to begin.`, {
      cause: error,
    });
  }
};

const replaceFile = (path: string, text: string): void => {
  const next = `${path}.next`;
  const file = openSync(next, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
};
