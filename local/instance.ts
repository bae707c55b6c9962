import { createLog, recordLines } from '../lib/observability/log.ts';
import { type DataFolder, openDataFolder } from './data/data-folder.ts';
import { takeLock } from './data/folder-lock.ts';
import { keepSecrets } from './data/secrets.ts';
import { superviseData } from './data/supervisor.ts';
import type { Settings } from './settings.ts';
import { type Stack, startStack } from './stack.ts';

/** Another gateway runs on the same data. */
class DataInUseError extends Error {
  override readonly name = 'DataInUseError';

  constructor({ path }: DataFolder) {
    super(
      `Another gateway is running on the data in ${path}. End it, or set DATA_DIR (and PORT) to run a second one.`,
    );
  }
}

/** A gateway with its data in a folder and its embedded cloud in a process of its own. */
export const startInstance = async (settings: Settings): Promise<Stack> => {
  const log = createLog(recordLines(settings.LOG_LEVEL));
  const folder = openDataFolder(settings.DATA_DIR);
  const lock = takeLock(folder.gatewayLock);
  if (lock === undefined) throw new DataInUseError(folder);
  const secrets = keepSecrets(folder, settings);
  const cloud = await superviseData(folder.path, log);
  try {
    const stack = await startStack({ settings, secrets, cloud, fakesFolder: folder.fakes, log });
    return {
      ...stack,
      async stop() {
        await stack.stop();
        await cloud.stop();
        lock.release();
      },
    };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
};
