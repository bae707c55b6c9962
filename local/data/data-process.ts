import { startCloud } from '../cloud/cloud.ts';
import { connectToCloud } from '../cloud/connect.ts';
import type { CloudPorts } from '../cloud/layout.ts';
import { portIfFree } from '../cloud/loopback.ts';
import { type DataFolder, openDataFolder, readPorts, writePorts } from './data-folder.ts';
import { takeLock } from './folder-lock.ts';

/** What the supervisor hands over, as JSON in the first argument. */
export type DataProcessTask = {
  folder: string;
  /** The ports that clients already use. Absent: the remembered ones, or others if those are taken. */
  ports?: CloudPorts;
};
export type DataProcessMessage = { ready: CloudPorts } | { failed: string };

/** The process before this one may still be on its way out. */
const lockWaitMs = 10_000;

const choosePorts = async (
  { database, queues }: CloudPorts = { database: 0, queues: 0 },
): Promise<CloudPorts> => ({
  database: await portIfFree(database),
  queues: await portIfFree(queues),
});

const start = async (folder: DataFolder, ports: CloudPorts | undefined) => {
  const cloud = await startCloud({
    folder: folder.cloud,
    ports: ports ?? (await choosePorts(readPorts(folder))),
  });
  writePorts(folder, cloud.ports);
  const connection = await connectToCloud(cloud.ports);
  connection.disconnect();
  return cloud;
};

const tell = (message: DataProcessMessage) => process.send?.(message);

// The supervisor's end, even by SIGKILL, closes the channel. Ctrl-C in a terminal reaches both; the supervisor decides.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {});

const task: DataProcessTask = JSON.parse(process.argv[2] ?? '{}');
const folder = openDataFolder(task.folder);
// Kept for as long as the process lives.
const lock = takeLock(folder.dataLock, lockWaitMs);
try {
  if (lock === undefined)
    throw new Error(`Another process has the data in ${folder.path} open. End it, or set another DATA_DIR.`);
  const cloud = await start(folder, task.ports);
  process.on('message', async () => {
    await cloud.stop();
    lock.release();
    process.exit();
  });
  tell({ ready: cloud.ports });
} catch (error) {
  tell({ failed: (error as Error).message });
  process.exitCode = 1;
  process.disconnect?.();
}
