import type { AwsAccess } from './access.ts';
import { callJson } from './json-call.ts';
import type { Queues } from './queues.ts';

/** A queue's URL may name another host than where SQS is asked, such as that of an embedded server. */
export const createSqsQueues = (access: AwsAccess): Queues => ({
  async send(message) {
    await callJson(access, 'sqs', 'SendMessage', message);
  },
});
