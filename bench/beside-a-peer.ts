import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { entryFile } from '../cdk/bundle-options.ts';
import { listenOnLoopback, stopListening } from '../local/cloud/loopback.ts';
import { startBenchCloud } from './support/bench-cloud.ts';
import { benchFile, makeBundle } from './support/bundles.ts';
import { type ImageGateway, load } from './support/image-load.ts';
import { portkeyVersion, startPortkey } from './support/portkey.ts';
import { memoryMbOf } from './support/process-figures.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

export const about = 'what passing an image on costs, beside another gateway (needs npm’s registry)';

const rounds = 5;
const sizes = [
  { name: 'small', imageBytes: 100, counts: { 1: 500, 10: 1_000 } },
  { name: '2 MB', imageBytes: 1_500_000, counts: { 1: 40, 10: 60 } },
] as const;
const concurrencies = [1, 10] as const;
const order = { prompt: 'a paper boat', model: 'openai/gpt-image-2', response_format: 'b64_json' };

const children: ChildProcess[] = [];
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

export default async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  try {
    const bundle = await makeBundle(entryFile('api'), join(folder, 'api'));
    for (const size of sizes) {
      const upstream = await startProcess(['support/image-upstream.ts', String(size.imageBytes)]);
      const ours = await startProcess(['support/image-function.ts', bundle.file], {
        ...cloud.variables,
        OPENAI_BASE_URL: upstream.url,
        OPENAI_API_KEY: 'bench',
      });
      const peer = await startPortkey(join(folder, 'portkey'), await freePort());
      children.push(peer.child);
      await measure(size, [
        {
          name: `Portkey ${portkeyVersion}`,
          pid: peer.child.pid ?? 0,
          url: peer.url,
          headers: {
            authorization: 'Bearer bench',
            'x-portkey-provider': 'openai',
            'x-portkey-custom-host': upstream.url,
          },
        },
        { name: 'this gateway', ...ours, headers: { authorization: `Bearer ${cloud.apiKey}` } },
      ]);
      endProcesses();
    }
  } finally {
    endProcesses();
    cloud.stop();
    await rm(folder, { recursive: true });
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  const port = await listenOnLoopback(server, 0);
  await stopListening(server);
  return port;
};

/** The gateways in turn, so that whatever else the machine does hits all alike. */
const measure = async (size: (typeof sizes)[number], gateways: readonly ImageGateway[]) => {
  const figures = gateways.map(() => ({ cpuMs: { 1: [], 10: [] }, p50Ms: { 1: [], 10: [] } })) as Record<
    'cpuMs' | 'p50Ms',
    Record<1 | 10, number[]>
  >[];
  // The first round compiles and is not counted.
  for (let round = 0; round <= rounds; round += 1)
    for (const atOnce of concurrencies)
      for (const [index, gateway] of gateways.entries()) {
        const { cpuMs, p50Ms } = await load(gateway, { body: order, count: size.counts[atOnce], atOnce });
        if (round === 0) continue;
        figures[index]?.cpuMs[atOnce].push(cpuMs);
        figures[index]?.p50Ms[atOnce].push(p50Ms);
      }
  const figure = (what: 'cpuMs' | 'p50Ms', index: number, atOnce: 1 | 10) =>
    median(figures[index]?.[what][atOnce] ?? []);
  printTable(
    `An image that is passed on, ${size.name}: median of ${rounds} rounds`,
    ['gateway', ...concurrencies.flatMap((n) => [`CPU ms, ${n} at once`, '× peer', 'p50 ms']), 'peak MB'],
    gateways.map(({ name, pid }, index) => [
      name,
      ...concurrencies.flatMap((n) => [
        figure('cpuMs', index, n),
        figure('cpuMs', index, n) / figure('cpuMs', 0, n),
        figure('p50Ms', index, n),
      ]),
      memoryMbOf(pid).peakMb,
    ]),
  );
};
