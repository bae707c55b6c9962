import { createQueues, createTable } from '../../lib/aws/clients.ts';
import type { Queues } from '../../lib/aws/queues.ts';
import type { Table } from '../../lib/aws/table.ts';
import { exportEnvironment } from '../../lib/config.ts';
import {
  type CloudEnvironment,
  type CloudPorts,
  cloudEnvironment,
  foreignVariables,
  tableName,
} from './layout.ts';
import { provision } from './provision.ts';
import { createSdkClients, type SdkClients } from './sdk-clients.ts';

export type CloudConnection = {
  /** As the functions have them. */
  table: Table;
  queues: Queues;
  sdk: SdkClients;
  environment: CloudEnvironment;
  disconnect(): void;
};

/** Points this process at the embedded cloud on these ports, and sees that everything is there. */
export const connectToCloud = async (ports: CloudPorts): Promise<CloudConnection> => {
  const environment = cloudEnvironment(ports);
  const removed = Object.fromEntries(foreignVariables.map((name) => [name, undefined]));
  exportEnvironment({ ...removed, ...environment });
  const sdk = createSdkClients();
  await provision(sdk);
  return {
    table: createTable(tableName),
    queues: createQueues(),
    sdk,
    environment,
    disconnect() {
      for (const client of Object.values(sdk)) client.destroy();
    },
  };
};
