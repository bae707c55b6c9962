import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  batchingWindowSeconds,
  defaultConcurrency,
  eventSources,
  type QueueName,
  queueNames,
  sweepIntervalSeconds,
} from '../lib/limits.ts';
import type { Log } from '../lib/observability/log.ts';
import { secondMs } from '../lib/time.ts';
import { queueArn } from './cloud/layout.ts';
import { startEventSource } from './event-source.ts';
import type { Handlers } from './handlers.ts';

type Workers = { stop(): Promise<void> };
type WorkerOptions = {
  handlers: Handlers;
  sqs: SQSClient;
  queueUrls: Record<QueueName, string>;
  log: Log;
};

/** What is still being worked on after this is left to the next start. */
const stopWaitMs = 3 * secondMs;

/** Runs the functions that are not asked by HTTP: the queues' and the sweep. */
export const startWorkers = ({ handlers, sqs, queueUrls, log }: WorkerOptions): Workers => {
  const sources = queueNames.flatMap((name) => {
    const handler = handlers.queues[name];
    if (handler === undefined) return [];
    return startEventSource({
      sqs,
      queueUrl: queueUrls[name],
      queueArn: queueArn(name),
      batchSize: eventSources[name].batchSize,
      windowSeconds: batchingWindowSeconds,
      maxConcurrency: defaultConcurrency[name],
      handler,
      log,
    });
  });

  let sweeping = Promise.resolve();
  const sweep = () => {
    sweeping = sweeping.then(handlers.sweep).catch((error) => log.event('local.sweep-failed', { error }));
  };
  sweep();
  const schedule = setInterval(sweep, sweepIntervalSeconds * secondMs);

  return {
    async stop() {
      clearInterval(schedule);
      const ended = Promise.all([sweeping, ...sources.map((source) => source.stop())]);
      await Promise.race([ended, sleep(stopWaitMs, undefined, { ref: false })]);
    },
  };
};
