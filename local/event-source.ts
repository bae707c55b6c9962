import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Log } from '../lib/observability/log.ts';
import { secondMs } from '../lib/time.ts';
import { failedMessageIds, toSqsEvent } from './sqs-event.ts';

// biome-ignore lint/suspicious/noConfusingVoidType: a handler may answer nothing, as on Lambda
export type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse | null | void>;

type EventSourceOptions = {
  sqs: SQSClient;
  queueUrl: string;
  queueArn: string;
  batchSize: number;
  /** How long a message may wait for others to share its batch. */
  windowSeconds?: number;
  /** How many batches are worked on at the same time. */
  maxConcurrency: number;
  handler: QueueHandler;
  log: Log;
};

export type EventSource = {
  /** Takes no further message, and waits for the batches that are being worked on. */
  stop(): Promise<void>;
};

/** As many long polls as Lambda begins with; one alone would fetch no more than some fifty messages a second. */
const pollers = 5;
const maxWaitSeconds = 20;
const pauseAfterFailureMs = 500;

/**
 * Hands the messages of a queue to a function as Lambda's SQS event source does: what succeeded is deleted; what failed
 * comes back when its visibility time-out ends, until the queue itself gives it up.
 */
export const startEventSource = (options: EventSourceOptions): EventSource => {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  let receiving = 0;

  const takeBatch = async () => {
    while (running.size + receiving >= options.maxConcurrency) await Promise.race(running);
    receiving += 1;
    const batch = await receive(options, stopping.signal).finally(() => {
      receiving -= 1;
    });
    if (batch === undefined) return;
    const work = handleBatch(options, batch).finally(() => running.delete(work));
    running.add(work);
  };
  const loop = async () => {
    while (!stopping.signal.aborted) {
      try {
        await takeBatch();
      } catch (error) {
        if (stopping.signal.aborted) break;
        options.log.event('local.queue-unreachable', { queue: options.queueArn, error });
        await sleep(pauseAfterFailureMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };

  const ended = Promise.all(Array.from({ length: Math.min(pollers, options.maxConcurrency) }, loop));
  return {
    async stop() {
      stopping.abort();
      await ended;
      await Promise.all(running);
    },
  };
};

/**
 * With a window above 0 a poll goes on for others after the first message. On a quiet queue it ends after 20 s, however
 * short the window is, as on Lambda.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const receive = async (
  { sqs, queueUrl, queueArn, batchSize, windowSeconds = 0 }: EventSourceOptions,
  abortSignal: AbortSignal,
): Promise<SQSEvent | undefined> => {
  const receiveUpTo = async (count: number): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: count,
      WaitTimeSeconds: maxWaitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    return (await sqs.send(command, { abortSignal })).Messages ?? [];
  };

  const batch = await receiveUpTo(batchSize);
  if (batch.length === 0) return undefined;
  const windowEndsAtMs = Date.now() + windowSeconds * secondMs;
  while (batch.length < batchSize && Date.now() < windowEndsAtMs)
    batch.push(...(await receiveUpTo(batchSize - batch.length)));
  return toSqsEvent(batch, queueArn);
};

/** Never rejects: whatever was not deleted comes back by itself. */
const handleBatch = async (
  { sqs, queueUrl, queueArn, handler, log }: EventSourceOptions,
  event: SQSEvent,
) => {
  try {
    const failed = failedMessageIds(event, (await handler(event)) ?? null);
    const succeeded = event.Records.filter(({ messageId }) => !failed.has(messageId));
    if (succeeded.length === 0) return;
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: succeeded.map(({ messageId, receiptHandle }) => ({
          Id: messageId,
          ReceiptHandle: receiptHandle,
        })),
      }),
    );
  } catch (error) {
    log.event('local.batch-failed', { queue: queueArn, error });
  }
};
