import { join } from 'node:path';
import { buildApp } from 'fauxqs';
// Not among the package's exports; the version is pinned. Its own `startFauxqs` listens on every address.
import { FileS3Persistence } from '../../node_modules/fauxqs/dist/s3/fileS3Persistence.js';
import { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import type { EmbeddedServer, EmbeddedServerOptions } from './dynamodb.ts';
import { loopback } from './loopback.ts';
import { QueuePersistence } from './queue-persistence.ts';

/** SQS and S3 behind one port. */
export const startQueuesAndBucket = async ({
  port,
  folder,
}: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const closeFiles = folder === undefined ? () => {} : keepIn(folder, stores);
  const app = buildApp({ logger: false, stores });
  app.addHook('preClose', async () => closeFiles());
  app.addHook('onSend', async (request, _reply, payload) => {
    if (request.raw.socket.destroyed) giveBack(stores.sqsStore, request.body, payload);
  });
  const url = new URL(await app.listen({ port, host: loopback }));
  return { port: Number(url.port), stop: () => app.close() };
};

/** Loads what the folder holds, and only then writes through to it. Answers how to close the files. */
const keepIn = (folder: string, { sqsStore, snsStore, s3Store }: Stores): (() => void) => {
  const queues = new QueuePersistence(join(folder, 'queues'));
  const objects = new FileS3Persistence(join(folder, 'objects'));
  queues.loadSqsAndSns(sqsStore, snsStore);
  objects.loadS3(s3Store);
  sqsStore.persistence = queues;
  for (const queue of sqsStore.allQueues()) queue.persistence = queues;
  s3Store.persistence = objects;
  return () => {
    queues.close();
    objects.close();
  };
};

/** A long poll whose caller has gone still takes messages; nobody would see them before their visibility time-out. */
const giveBack = (queues: SqsStore, request: unknown, answer: unknown): void => {
  const { QueueUrl } = Object(request) as { QueueUrl?: string };
  if (QueueUrl === undefined || typeof answer !== 'string') return;
  const queue = queues.getQueue(QueueUrl);
  const { Messages = [] } = JSON.parse(answer) as { Messages?: { ReceiptHandle: string }[] };
  for (const { ReceiptHandle } of Messages) {
    const received = queue?.inflightMessages.get(ReceiptHandle);
    if (received) received.message.approximateReceiveCount -= 1;
    queue?.changeVisibility(ReceiptHandle, 0);
  }
};

type Stores = { sqsStore: SqsStore; snsStore: SnsStore; s3Store: S3Store };
