import { accessFromEnvironment } from '../../lib/aws/access.ts';
import type { Bucket } from '../../lib/aws/bucket.ts';
import { createDynamoTable } from '../../lib/aws/dynamo-table.ts';
import type { Queues } from '../../lib/aws/queues.ts';
import { createS3Bucket } from '../../lib/aws/s3-bucket.ts';
import { createSqsQueues } from '../../lib/aws/sqs-queues.ts';
import type { Table } from '../../lib/aws/table.ts';
import { exportEnvironment } from '../../lib/config.ts';
import type { QueueUrls } from '../../lib/tasks/wake-ups.ts';
import {
  bucketName,
  type CloudEnvironment,
  type CloudPorts,
  cloudEnvironment,
  deadLetterQueueOf,
  foreignVariables,
  queueUrlsOn,
  tableName,
} from './layout.ts';
import { provision } from './provision.ts';
import { createSdkClients, type SdkClients } from './sdk-clients.ts';

export type CloudConnection = {
  /** As the functions have them. */
  table: Table;
  queues: Queues;
  bucket: Bucket;
  sdk: SdkClients;
  queueUrls: QueueUrls;
  deadLetterUrls: QueueUrls;
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
  const aws = accessFromEnvironment();
  return {
    table: createDynamoTable(tableName, aws),
    queues: createSqsQueues(aws),
    bucket: createS3Bucket(bucketName, aws),
    sdk,
    queueUrls: queueUrlsOn(ports),
    deadLetterUrls: queueUrlsOn(ports, deadLetterQueueOf),
    environment,
    disconnect() {
      for (const client of Object.values(sdk)) client.destroy();
    },
  };
};
