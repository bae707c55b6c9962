import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod/mini';
import { withCanonicalLine } from '../../lib/observability/canonical-line.ts';
import type { Log } from '../../lib/observability/log.ts';

export type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;

/**
 * Works through a batch side by side and names the records to bring back: those that failed by a fault of ours.
 * A message that cannot be read will never be readable: it is logged and dropped, for the sweep knows what is due.
 */
export const forEachRecord = <Message>(
  schema: z.ZodMiniType<Message>,
  work: (message: Message) => Promise<void>,
  log: Log,
): QueueHandler => {
  const read = (record: SQSRecord): Message | undefined => {
    try {
      return schema.parse(JSON.parse(record.body));
    } catch (error) {
      log.event('message.dropped', { messageId: record.messageId, error });
      return undefined;
    }
  };

  const succeeded = async (record: SQSRecord): Promise<boolean> => {
    const message = read(record);
    try {
      if (message !== undefined) await withCanonicalLine(() => work(message));
      return true;
    } catch (error) {
      log.event('message.failed', { messageId: record.messageId, error });
      return false;
    }
  };

  return async ({ Records }) => {
    const outcomes = await Promise.all(Records.map(succeeded));
    const failed = Records.filter((_, index) => !outcomes[index]);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
};
