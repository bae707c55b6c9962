import { createBucketClient, createQueueClient, createTableClient } from '../../lib/aws-clients.ts';
import { exportEnvironment } from '../../lib/config.ts';
import { type CloudEnvironment, type CloudPorts, cloudEnvironment, foreignVariables } from './layout.ts';
import { type CloudClients, provision } from './provision.ts';

export type CloudConnection = CloudClients & { environment: CloudEnvironment; disconnect(): void };

/** Points this process at the embedded cloud on these ports, and sees that everything is there. */
export const connectToCloud = async (ports: CloudPorts): Promise<CloudConnection> => {
  const environment = cloudEnvironment(ports);
  const removed = Object.fromEntries(foreignVariables.map((name) => [name, undefined]));
  exportEnvironment({ ...removed, ...environment });
  const clients = { table: createTableClient(), queues: createQueueClient(), bucket: createBucketClient() };
  await provision(clients);
  return {
    environment,
    ...clients,
    disconnect() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
};
