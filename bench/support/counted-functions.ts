import { join } from 'node:path';
import { entryFile } from '../../cdk/bundle-options.ts';
import { eventSources } from '../../lib/limits.ts';
import { cloudEnvironment } from '../../local/cloud/layout.ts';
import { fakeKey } from '../../local/providers.ts';
import type { BenchCloud } from './bench-cloud.ts';
import { benchFile, makeBundle } from './bundles.ts';
import { createCapacityCounter } from './capacity.ts';
import { queueEvent } from './events.ts';
import type { CountedFunction } from './other-designs.ts';
import { type Call, startRecorder } from './recorder.ts';
import { sum } from './statistics.ts';
import { startWarm } from './warm-function.ts';

export type Counts = {
  writes: number;
  /** Of which kind of item, or for which index. */
  writesOf: Record<string, number>;
  reads: number;
  queueRequests: number;
  logBytes: number;
  logLines: number;
};

/** By the event source, for each batch. */
export const receiveAndDelete = 2;

/** The functions from their bundles, with recorders between them and the cloud. */
export const startCountedFunctions = async (cloud: BenchCloud, klingUrl: string, folder: string) => {
  const portOf = (url: string) => Number(new URL(url).port);
  const table = await startRecorder(portOf(cloud.environment.AWS_ENDPOINT_URL_DYNAMODB));
  const queues = await startRecorder(portOf(cloud.environment.AWS_ENDPOINT_URL_SQS));
  const runner = await makeBundle(benchFile('support/warm-instance.ts'), join(folder, 'runner'));
  const start = async (name: CountedFunction) => {
    const bundle = await makeBundle(entryFile(name), join(folder, name));
    return startWarm(runner.file, bundle.file, {
      ...cloud.variables,
      ...cloudEnvironment({ database: table.port, queues: queues.port }),
      KLING_API_KEY: fakeKey,
      KLING_BASE_URL: klingUrl,
      METRICS_NAMESPACE: 'ClearMaas',
    });
  };
  const hosts = {
    api: await start('api'),
    'submit-video': await start('submit-video'),
    'poll-video': await start('poll-video'),
    deliver: await start('deliver'),
    sweep: await start('sweep'),
  };
  const capacity = await createCapacityCounter(cloud.sdk.dynamoDb);

  return {
    /** Lets a function work through events and counts what each takes. */
    async count(name: CountedFunction, events: object[]): Promise<Counts & { sent: Call[] }> {
      table.calls.length = 0;
      queues.calls.length = 0;
      const before = { ...hosts[name].log };
      for (const event of events) {
        const { failures } = await hosts[name].run({ event, count: 1, atOnce: 1 });
        if (failures > 0) throw new Error(`${name} failed`);
      }
      const units = table.calls.map(capacity.unitsOf);
      const each = (total: number) => total / events.length;
      const parts = Object.groupBy(
        units.flatMap((unit) => unit.parts),
        ({ what }) => what,
      );
      const isQueued = Object.values(eventSources).some(({ wakes }) => wakes === name);
      return {
        writes: each(sum(units.map(({ writes }) => writes))),
        writesOf: Object.fromEntries(
          Object.entries(parts).map(([what, of = []]) => [what, each(sum(of.map(({ writes }) => writes)))]),
        ),
        reads: each(sum(units.map(({ reads }) => reads))),
        // The event source receives and deletes each message.
        queueRequests: each(queues.calls.length) + (isQueued ? receiveAndDelete : 0),
        logBytes: each(hosts[name].log.bytes - before.bytes),
        logLines: each(hosts[name].log.lines - before.lines),
        sent: [...queues.calls],
      };
    },
    taskBytes: capacity.taskBytes,
    async stop() {
      for (const host of Object.values(hosts)) host.stop();
      await Promise.all([table.stop(), queues.stop()]);
    },
  };
};

/** What was sent to a queue, as the events that hand it over. */
export const messagesTo = (queue: string, calls: Call[]) =>
  calls
    .filter(({ input }) => String(input['QueueUrl']).endsWith(`/${queue}`))
    .map(({ input }) => queueEvent(JSON.parse(String(input['MessageBody']))));
