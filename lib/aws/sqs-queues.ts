import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsAccess } from './access.ts';
import { clientSettings } from './client-settings.ts';
import { namingOperations } from './naming-operations.ts';
import type { Queues } from './queues.ts';

/** A queue's URL may name another host than where SQS is asked, such as that of an embedded server. */
export const createSqsQueues = (access: AwsAccess): Queues => {
  const client = new SQSClient({
    ...clientSettings(access, 'sqs'),
    useQueueUrlAsEndpoint: false,
    cacheMiddleware: true,
  });
  client.middlewareStack.use(namingOperations());
  return {
    async send(message) {
      await client.send(new SendMessageCommand(message));
    },
  };
};
