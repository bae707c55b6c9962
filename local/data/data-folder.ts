import { accessSync, constants, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import type { CloudPorts } from '../cloud/layout.ts';
import { makeFolder } from './make-folder.ts';

/** Everything that must survive a restart, and for nobody else's eyes. */
export const openDataFolder = (name: string) => {
  const path = resolve(name);
  const inside = (part: string) => join(path, part);
  const folder = {
    path,
    /** Held by the gateway as long as it runs. */
    gatewayLock: inside('gateway.lock'),
    /** Held by whichever process has the data open. */
    dataLock: inside('data.lock'),
    cloud: inside('cloud'),
    fakes: inside('fakes'),
    ports: inside('ports.json'),
    secrets: inside('secrets.json'),
  };
  try {
    for (const made of [folder.path, folder.cloud, folder.fakes]) {
      makeFolder(made);
      accessSync(made, constants.W_OK);
    }
  } catch (error) {
    throw new DataFolderError(path, { cause: error });
  }
  return folder;
};

/** There is something else in its place, or this user may not write there. */
class DataFolderError extends Error {
  override readonly name = 'DataFolderError';

  constructor(path: string, options: { cause: unknown }) {
    super(
      `The data cannot be kept in ${path} (${(options.cause as Error).message}). Set DATA_DIR to a folder that you may write to.`,
      options,
    );
  }
}
export type DataFolder = ReturnType<typeof openDataFolder>;

const storedPorts = z.object({ database: z.number(), queues: z.number() });

/** The ports that the embedded cloud last used on this data; `undefined` before its first start. */
export const readPorts = (folder: DataFolder): CloudPorts | undefined => {
  const parsed = storedPorts.safeParse(readJson(folder.ports));
  return parsed.success ? parsed.data : undefined;
};

export const writePorts = (folder: DataFolder, ports: CloudPorts): void => writeJson(folder.ports, ports);

/** `undefined` when there is no such file, or half of one. */
export const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

/** All or nothing, whenever the process ends. */
export const writeJson = (file: string, value: unknown): void => {
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
};
