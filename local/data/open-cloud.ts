import { startCloud } from '../cloud/cloud.ts';
import { type CloudConnection, connectToCloud } from '../cloud/connect.ts';
import { openDataFolder, readPorts } from './data-folder.ts';
import { takeLock } from './folder-lock.ts';

/** The local data, beside a running gateway or without one. */
type OpenCloud = CloudConnection & { close(): Promise<void> };

export const openCloud = async (dataDir: string): Promise<OpenCloud> => {
  const folder = openDataFolder(dataDir);
  const lock = takeLock(folder.dataLock);
  if (lock === undefined) {
    const ports = readPorts(folder);
    if (ports === undefined)
      throw new Error(`The gateway on ${folder.path} is just starting. Try again in a moment.`);
    const connection = await connectToCloud(ports);
    return { ...connection, close: async () => connection.disconnect() };
  }
  const cloud = await startCloud({ folder: folder.cloud });
  const connection = await connectToCloud(cloud.ports);
  return {
    ...connection,
    async close() {
      connection.disconnect();
      await cloud.stop();
      lock.release();
    },
  };
};
