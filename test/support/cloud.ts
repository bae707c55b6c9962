import { startCloud } from '../../local/cloud/cloud.ts';
import { type CloudConnection, connectToCloud } from '../../local/cloud/connect.ts';
import { bucketName, type CloudPorts, tableName } from '../../local/cloud/layout.ts';

export type TestCloud = Omit<CloudConnection, 'disconnect'> & {
  ports: CloudPorts;
  tableName: string;
  bucketName: string;
  stop(): Promise<void>;
};

/** An empty DynamoDB, SQS and S3 in memory, with the product's table, queues and bucket. */
export const startTestCloud = async (): Promise<TestCloud> => {
  const cloud = await startCloud();
  const { disconnect, ...connection } = await connectToCloud(cloud.ports);
  return {
    ports: cloud.ports,
    ...connection,
    tableName,
    bucketName,
    stop: async () => {
      disconnect();
      await cloud.stop();
    },
  };
};
