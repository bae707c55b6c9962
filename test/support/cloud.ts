import type { QueueUrls } from '../../lib/tasks/wake-ups.ts';
import { startCloud } from '../../local/cloud/cloud.ts';
import { type CloudConnection, connectToCloud } from '../../local/cloud/connect.ts';
import { bucketName, type CloudPorts, deadLetterQueueOf, tableName } from '../../local/cloud/layout.ts';

export type TestCloud = Omit<CloudConnection, 'disconnect'> & {
  ports: CloudPorts;
  tableName: string;
  queueUrls: QueueUrls;
  deadLetterUrls: QueueUrls;
  bucketName: string;
  stop(): Promise<void>;
};

/** An empty DynamoDB, SQS and S3 in memory, with the product's table, queues and bucket. */
export const startTestCloud = async (): Promise<TestCloud> => {
  const cloud = await startCloud();
  const { disconnect, ...connection } = await connectToCloud(cloud.ports);
  const queueUrls = {
    submissions: connection.environment.SUBMISSIONS_QUEUE_URL,
    images: connection.environment.IMAGES_QUEUE_URL,
    polls: connection.environment.POLLS_QUEUE_URL,
    callbacks: connection.environment.CALLBACKS_QUEUE_URL,
  };
  const deadLetterUrl = (name: keyof QueueUrls) => queueUrls[name].replace(name, deadLetterQueueOf(name));
  return {
    ports: cloud.ports,
    ...connection,
    tableName,
    queueUrls,
    deadLetterUrls: {
      submissions: deadLetterUrl('submissions'),
      images: deadLetterUrl('images'),
      polls: deadLetterUrl('polls'),
      callbacks: deadLetterUrl('callbacks'),
    },
    bucketName,
    stop: async () => {
      disconnect();
      await cloud.stop();
    },
  };
};
