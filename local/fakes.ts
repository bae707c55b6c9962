import { join } from 'node:path';
import type { Log } from '../lib/observability/log.ts';
import { registry } from '../lib/providers/registry.ts';
import { portIfFree } from './cloud/loopback.ts';
import { readJson, writeJson } from './data/data-folder.ts';
import { startFakeGoogle } from './fakes/google.ts';
import { startFakeKling } from './fakes/kling.ts';
import { startFakeOpenAi } from './fakes/openai.ts';
import { startFakeXai } from './fakes/xai.ts';
import { fakeKey, fakeVariables, isFake, withoutCredentials } from './providers.ts';
import type { Settings } from './settings.ts';

type Fake = { url: string; close(): Promise<void> };
type StartOptions = { port: number; seconds: number; apiKey: string; dataFile?: string; log: Log };

const starters = {
  kling: startFakeKling,
  openai: startFakeOpenAi,
  google: startFakeGoogle,
  xai: startFakeXai,
} satisfies Record<string, (options: StartOptions) => Promise<Fake>>;
type FakeName = keyof typeof starters;

const isFakeName = (name: string): name is FakeName => Object.hasOwn(starters, name);

export type Fakes = {
  /** The fakes that run; those of the providers that are called for real are missing. */
  running: Partial<{ [Name in FakeName]: Awaited<ReturnType<(typeof starters)[Name]>> }>;
  /** What leads the functions to them. */
  variables: Record<string, string | undefined>;
  stop(): Promise<void>;
};

type FakesOptions = {
  settings: Settings;
  /** Where they keep their work over a restart. Absent: nowhere. */
  folder?: string;
  log: Log;
  /** The providers that there are. */
  descriptors?: typeof registry.descriptors;
};

/** Starts a fake of every provider that is not to be called for real. */
export const startFakes = async ({
  settings,
  folder,
  log,
  descriptors = registry.descriptors,
}: FakesOptions): Promise<Fakes> => {
  const replaced = descriptors.filter((provider) => isFake(provider, settings.PROVIDERS, settings.variables));
  const started = await Promise.all(
    replaced.map(async (provider) => {
      const { name } = provider;
      if (!isFakeName(name)) return { provider };
      const kept = folder === undefined ? { port: 0 } : await keptIn(folder, name);
      const options = { ...kept, seconds: settings.STAND_IN_SECONDS, apiKey: fakeKey, log };
      const fake: Fake = await starters[name](options);
      if (folder !== undefined) rememberPort(folder, name, fake.url);
      return { provider, fake };
    }),
  );
  return {
    running: Object.fromEntries(
      started.flatMap(({ provider, fake }) => (fake === undefined ? [] : [[provider.name, fake]])),
    ),
    variables: Object.assign(
      {},
      ...started.map(({ provider, fake }) =>
        fake === undefined ? withoutCredentials(provider) : fakeVariables(provider, fake.url),
      ),
    ),
    async stop() {
      await Promise.all(started.map(({ fake }) => fake?.close()));
    },
  };
};

/** Links to results hold the port, so it should stay. */
const keptIn = async (folder: string, name: FakeName) => {
  const { port = 0 } = Object(readJson(portFile(folder, name))) as { port?: number };
  return { port: await portIfFree(port), dataFile: join(folder, `${name}.sqlite`) };
};

const rememberPort = (folder: string, name: FakeName, url: string) =>
  writeJson(portFile(folder, name), { port: Number(new URL(url).port) });

const portFile = (folder: string, name: FakeName) => join(folder, `${name}.port.json`);
