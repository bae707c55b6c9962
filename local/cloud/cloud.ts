import { join } from 'node:path';
import { startDynamoDb } from './dynamodb.ts';
import type { CloudPorts } from './layout.ts';
import { startQueuesAndBucket } from './queues-and-bucket.ts';

export type Cloud = { ports: CloudPorts; stop(): Promise<void> };
type CloudOptions = {
  /** Absent: any free ones. */
  ports?: CloudPorts;
  /** Where everything is kept. Absent: in memory. */
  folder?: string;
};

/** Starts the embedded DynamoDB, SQS and S3 in this process. */
export const startCloud = async ({ ports, folder }: CloudOptions = {}): Promise<Cloud> => {
  const database = await startDynamoDb({
    port: ports?.database ?? 0,
    ...(folder !== undefined && { folder: join(folder, 'table') }),
  });
  try {
    const queues = await startQueuesAndBucket({
      port: ports?.queues ?? 0,
      ...(folder !== undefined && { folder }),
    });
    return {
      ports: { database: database.port, queues: queues.port },
      stop: async () => {
        await Promise.all([database.stop(), queues.stop()]);
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
};
