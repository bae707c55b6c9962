import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ListenOptions, Server } from 'node:net';
import { join } from 'node:path';
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { queueNames } from '../../lib/limits.ts';
import type { EmbeddedServer, EmbeddedServerOptions } from './dynamodb.ts';
import { region } from './layout.ts';
import { loopback } from './loopback.ts';

/** SQS and S3 behind one port. */
export const startQueuesAndBucket = async ({
  port,
  folder,
}: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const server = await onLoopback(() =>
    startFauxqs({
      port,
      logger: false,
      host: 'localhost',
      defaultRegion: region,
      ...(folder !== undefined && { dataDir: join(folder, 'queues'), s3StorageDir: join(folder, 'objects') }),
    }),
  );
  await giveBack(server);
  return { port: server.port, stop: () => server.stop() };
};

type Listening = { server: Server; options: ListenOptions };

/**
 * fauxqs listens on every address and can be told no other. Node tells of each `listen` before it happens, and what is
 * started here listens on loopback; it does not start at all where that had no effect.
 */
const onLoopback = async (start: () => Promise<FauxqsServer>): Promise<FauxqsServer> => {
  let listening: Server | undefined;
  const choose = (message: unknown) => {
    const { server, options } = message as Listening;
    if (options.host !== '0.0.0.0') return;
    options.host = loopback;
    listening = server;
  };
  subscribe('tracing:net.server.listen:asyncStart', choose);
  const started = await start().finally(() => unsubscribe('tracing:net.server.listen:asyncStart', choose));
  const address = listening?.address();
  if (typeof address === 'object' && address?.address === loopback) return started;
  await started.stop();
  throw new Error(`The embedded SQS and S3 would not listen on ${loopback} only.`);
};

/** fauxqs loses a message whose visibility time-out is set to 0. */
const soonestSeconds = 1;

/** Whoever had received these messages ended with the process that kept the queues before. */
const giveBack = async (server: FauxqsServer): Promise<void> => {
  const sqs = new SQSClient({
    region,
    endpoint: `http://${loopback}:${server.port}`,
    useQueueUrlAsEndpoint: false,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  for (const name of queueNames) {
    const { url, messages } = server.inspectQueue(name) ?? {};
    for (const { receiptHandle } of messages?.inflight ?? [])
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: soonestSeconds,
        }),
      );
  }
  sqs.destroy();
};
