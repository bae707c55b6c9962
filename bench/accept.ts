import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryFile } from '../cdk/bundle-options.ts';
import { cloudEnvironment } from '../local/cloud/layout.ts';
import { type BenchCloud, startBenchCloud } from './support/bench-cloud.ts';
import { benchFile, makeBundle } from './support/bundles.ts';
import { acceptEvent } from './support/events.ts';
import { type Recorder, startRecorder } from './support/recorder.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { startWarm, type WarmFunction } from './support/warm-function.ts';

export const about = 'AWS calls and CPU of one accepted video task, beside bare SDK calls (P2)';

const rounds = 9;
const eventsPerRound = 200;

export default async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  const variables = { ...cloud.variables, KLING_API_KEY: 'bench' };
  try {
    const runner = (await makeBundle(benchFile('support/warm-instance.ts'), join(folder, 'runner'))).file;
    const api = (await makeBundle(entryFile('api'), join(folder, 'api'))).file;
    const startYardstick = async (name: string) => {
      const bundle = await makeBundle(benchFile(`yardsticks/${name}.ts`), join(folder, name), {
        alias: {},
        splitting: false,
      });
      return { name, host: await startWarm(runner, bundle.file, cloud.variables), event: {} };
    };
    const event = acceptEvent(cloud.apiKey);
    await countCalls(cloud, event, (ends) => startWarm(runner, api, { ...variables, ...ends }));
    await measureCpu([
      await startYardstick('aws-clients'),
      await startYardstick('aws-put-and-send'),
      { name: 'accept', host: await startWarm(runner, api, variables), event },
    ]);
  } finally {
    cloud.stop();
    await rm(folder, { recursive: true });
  }
};

const countCalls = async (
  { environment }: BenchCloud,
  event: object,
  start: (ends: Record<string, string>) => Promise<WarmFunction>,
) => {
  const portOf = (url: string) => Number(new URL(url).port);
  const table = await startRecorder(portOf(environment.AWS_ENDPOINT_URL_DYNAMODB));
  const queues = await startRecorder(portOf(environment.AWS_ENDPOINT_URL_SQS));
  const api = await start(cloudEnvironment({ database: table.port, queues: queues.port }));
  const count = 100;
  try {
    await api.run({ event, count: 1, atOnce: 1 });
    const atStart = countsOf(table, queues);
    const linesAtStart = api.log.lines;
    await api.run({ event, count, atOnce: 1 });
    const all = countsOf(table, queues);
    const each = (total: number, before = 0) => (total - before) / count;
    printTable(
      `Calls per accept: ${count} accepts in a row at one instance`,
      ['call', 'start and first accept', 'each further accept'],
      [
        ...Object.keys(all).map((name) => [name, atStart[name] ?? 0, each(all[name] ?? 0, atStart[name])]),
        ['log lines', linesAtStart, each(api.log.lines, linesAtStart)],
      ],
    );
  } finally {
    api.stop();
    await Promise.all([table.stop(), queues.stop()]);
  }
};

const countsOf = (...recorders: Recorder[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { operation } of recorders.flatMap(({ calls }) => calls))
    counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
};

type Subject = { name: string; host: WarmFunction; event: object };

const measureCpu = async (subjects: Subject[]) => {
  try {
    for (const atOnce of [1, 10]) {
      const cpuUs = subjects.map((): number[] => []);
      const p50Ms = subjects.map((): number[] => []);
      // The first round compiles and is not counted.
      for (let round = 0; round <= rounds; round += 1)
        for (const [index, { name, host, event }] of subjects.entries()) {
          const figures = await host.run({ event, count: eventsPerRound, atOnce });
          if (figures.failures > 0) throw new Error(`${name}: ${figures.failures} were refused`);
          if (round === 0) continue;
          cpuUs[index]?.push((figures.cpuMs * 1_000) / eventsPerRound);
          p50Ms[index]?.push(median(figures.eventMs));
        }
      const cpu = cpuUs.map(median);
      printTable(
        `CPU per accept, ${atOnce} at once: median of ${rounds} rounds of ${eventsPerRound}`,
        ['what', 'CPU µs', '× aws-clients', '× aws-put-and-send', 'p50 ms'],
        subjects.map(({ name }, index) => [
          name,
          cpu[index],
          (cpu[index] ?? 0) / (cpu[0] ?? 1),
          (cpu[index] ?? 0) / (cpu[1] ?? 1),
          median(p50Ms[index] ?? []),
        ]),
      );
    }
  } finally {
    for (const { host } of subjects) host.stop();
  }
};
