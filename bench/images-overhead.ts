import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { entryFile } from '../cdk/bundle-options.ts';
import { type BenchCloud, startBenchCloud } from './support/bench-cloud.ts';
import { benchFile, makeBundle } from './support/bundles.ts';
import { functionUrlEvent } from './support/events.ts';
import { startHot } from './support/hot-function.ts';
import { type Gateway, load } from './support/image-load.ts';
import { portkeyVersion, startPortkey } from './support/portkey.ts';
import { print } from './support/print.ts';
import { memoryMbOf } from './support/process-figures.ts';
import { median } from './support/statistics.ts';
import { type Cell, printTable } from './support/table.ts';

export const about = 'What passing an image on costs, beside a bare proxy and Portkey (G1 to G5).';

const rounds = 5;
/** Enough of each that what is measured is compiled: the first round, which is not counted, has as many. */
const sizes = [
  { name: 'small', imageBytes: 100, counts: { 1: 1_000, 10: 3_000 } },
  { name: '2 MB', imageBytes: 1_500_000, counts: { 1: 60, 10: 100 } },
] as const;
const concurrencies = [1, 10] as const;
const model = 'openai/gpt-image-2';
const order = { prompt: 'a paper boat', model, response_format: 'b64_json' };

const children: ChildProcess[] = [];

export default async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  try {
    for (const size of sizes) {
      const upstream = await startProcess(['support/image-upstream.ts', String(size.imageBytes)]);
      const gateways = await startGateways(cloud, upstream, folder);
      await measureProcesses(size, gateways);
      await measureHandlers(size, cloud, upstream.url, folder);
      endProcesses();
    }
  } finally {
    endProcesses();
    cloud.stop();
    await rm(folder, { recursive: true });
  }
};

const endProcesses = () => {
  for (const child of children.splice(0)) child.kill();
};

/** A program that prints its address when it is ready. */
const startProcess = async ([file = '', ...args]: string[], variables: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [benchFile(file), ...args], {
    env: { PATH: '/usr/bin:/bin', ...variables },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface(child.stdout)) {
    child.stdout.resume();
    return { pid: child.pid ?? 0, url: line };
  }
  throw new Error(`${file} ended before it was ready`);
};

const apiVariables = (cloud: BenchCloud, upstreamUrl: string) => ({
  ...cloud.variables,
  OPENAI_BASE_URL: upstreamUrl,
  OPENAI_API_KEY: 'bench',
});

/** First nobody, then the yardstick. */
const startGateways = async (
  cloud: BenchCloud,
  upstream: { pid: number; url: string },
  folder: string,
): Promise<Gateway[]> => {
  const upstreamUrl = upstream.url;
  const bare = await startProcess(['yardsticks/bare-proxy.ts', upstreamUrl]);
  const ours = await startProcess(['support/image-function.ts'], apiVariables(cloud, upstreamUrl));
  const gateways = [
    { name: 'nothing between', ...upstream, headers: {} },
    { name: 'bare node:http', ...bare, headers: {} },
    { name: 'this gateway', ...ours, headers: { authorization: `Bearer ${cloud.apiKey}` } },
  ];
  try {
    const portkey = await startPortkey(join(folder, 'portkey'), await freePort());
    children.push(portkey.child);
    const headers = {
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstreamUrl,
    };
    const name = `Portkey ${portkeyVersion}`;
    gateways.push({ name, pid: portkey.child.pid ?? 0, url: portkey.url, headers });
  } catch (error) {
    print(`Portkey is left out, since it cannot be had here: ${(error as Error).message.split('\n')[0]}`);
  }
  return gateways;
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const measureProcesses = async (size: (typeof sizes)[number], gateways: Gateway[]) => {
  const figures = gateways.map(() => ({ cpuUs: { 1: [], 10: [] }, p50Ms: { 1: [], 10: [] } })) as {
    cpuUs: Record<1 | 10, number[]>;
    p50Ms: Record<1 | 10, number[]>;
  }[];
  const idleMb = gateways.map(({ pid }) => memoryMbOf(pid).nowMb);
  // The first round compiles and is not counted.
  for (let round = 0; round <= rounds; round += 1)
    for (const atOnce of concurrencies)
      for (const [index, gateway] of gateways.entries()) {
        const { cpuUs, p50Ms } = await load(gateway, { body: order, count: size.counts[atOnce], atOnce });
        if (round === 0) continue;
        figures[index]?.cpuUs[atOnce].push(cpuUs);
        figures[index]?.p50Ms[atOnce].push(p50Ms);
      }
  const cpu = (index: number, atOnce: 1 | 10) => median(figures[index]?.cpuUs[atOnce] ?? []);
  const p50 = (index: number, atOnce: 1 | 10) => median(figures[index]?.p50Ms[atOnce] ?? []);
  const addedMs = (index: number) => p50(index, 1) - p50(0, 1);
  printTable(
    `As a process, ${size.name} answer: median of ${rounds} rounds`,
    [
      'gateway',
      'CPU µs, 1 at once',
      '× bare',
      'p50 ms',
      'added × bare',
      'CPU µs, 10 at once',
      '× bare',
      'p50 ms',
      'idle MB',
      'peak MB',
    ],
    gateways.map(({ name, pid }, index): Cell[] =>
      index === 0
        ? [
            name,
            undefined,
            undefined,
            p50(0, 1),
            undefined,
            undefined,
            undefined,
            p50(0, 10),
            undefined,
            undefined,
          ]
        : [
            name,
            cpu(index, 1),
            cpu(index, 1) / cpu(1, 1),
            p50(index, 1),
            addedMs(index) / addedMs(1),
            cpu(index, 10),
            cpu(index, 10) / cpu(1, 10),
            p50(index, 10),
            idleMb[index],
            memoryMbOf(pid).peakMb,
          ],
    ),
  );
};

const measureHandlers = async (
  size: (typeof sizes)[number],
  cloud: BenchCloud,
  upstreamUrl: string,
  folder: string,
) => {
  const runner = (await makeBundle(benchFile('support/hot-instance.ts'), join(folder, 'runner'))).file;
  const start = async (name: string, entry: string) =>
    startHot(runner, (await makeBundle(entry, join(folder, name))).file, apiVariables(cloud, upstreamUrl));
  const path = '/v1/images/generations';
  const event = functionUrlEvent({ method: 'POST', path, apiKey: cloud.apiKey, body: order });
  const subjects = [
    { name: 'bare handler, buffered', host: await start('bare', benchFile('yardsticks/bare-image.ts')) },
    {
      name: 'bare handler, streamed',
      host: await start('bare-streamed', benchFile('yardsticks/bare-streamed-image.ts')),
    },
    { name: 'api', host: await start('api', entryFile('api')) },
  ];
  const cpuUs = subjects.map((): number[] => []);
  const peakMb = subjects.map(() => 0);
  const count = size.counts[1];
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, { name, host }] of subjects.entries()) {
      const figures = await host.run({ event, count, atOnce: 1 });
      if (figures.failures > 0) throw new Error(`${name}: ${figures.failures} were refused`);
      peakMb[index] = host.peakMb();
      if (round > 0) cpuUs[index]?.push((figures.cpuMs * 1_000) / count);
    }
  for (const { host } of subjects) host.stop();
  const cpu = cpuUs.map(median);
  printTable(
    `As a Lambda handler, ${size.name} answer: median of ${rounds} rounds of ${count}`,
    ['handler', 'CPU µs', '× bare', 'peak MB'],
    subjects.map(({ name }, index): Cell[] => [
      name,
      cpu[index],
      (cpu[index] ?? 0) / (cpu[0] ?? 1),
      peakMb[index],
    ]),
  );
};
