import { join } from 'node:path';
import type { Log } from '../lib/log.ts';
import { isPortFree } from './cloud/loopback.ts';
import { readJson, writeJson } from './data/data-folder.ts';
import { startFakeGoogle } from './fakes/google.ts';
import { startFakeKling } from './fakes/kling.ts';
import { startFakeOpenAi } from './fakes/openai.ts';
import { startFakeXai } from './fakes/xai.ts';
import { fakeKey, fakeVariables, isFake, type ProviderName, providers } from './providers.ts';
import type { Settings } from './settings.ts';

type Fake = { url: string; close(): Promise<void> };
type StartOptions = { port: number; seconds: number; apiKey: string; dataFile?: string; log: Log };

const starters = {
  kling: startFakeKling,
  openai: startFakeOpenAi,
  google: startFakeGoogle,
  xai: startFakeXai,
} satisfies Record<ProviderName, (options: StartOptions) => Promise<Fake>>;

export type Fakes = {
  /** The fakes that run; those of the providers that are called for real are missing. */
  running: Partial<{ [Name in ProviderName]: Awaited<ReturnType<(typeof starters)[Name]>> }>;
  /** What leads the functions to them. */
  variables: Record<string, string | undefined>;
  stop(): Promise<void>;
};

export type FakesOptions = {
  settings: Settings;
  /** Where they keep their work over a restart. Absent: nowhere. */
  folder?: string;
  log: Log;
};

/** Starts a fake of every provider that is not to be called for real. */
export const startFakes = async ({ settings, folder, log }: FakesOptions): Promise<Fakes> => {
  const replaced = providers.filter((provider) => isFake(provider, settings.PROVIDERS, settings.variables));
  const started = await Promise.all(
    replaced.map(async (provider) => {
      const kept = folder === undefined ? { port: 0 } : await keptIn(folder, provider.name);
      const options = { ...kept, seconds: settings.STAND_IN_SECONDS, apiKey: fakeKey, log };
      const fake: Fake = await starters[provider.name](options);
      if (folder !== undefined) rememberPort(folder, provider.name, fake.url);
      return { provider, fake };
    }),
  );
  return {
    running: Object.fromEntries(started.map(({ provider, fake }) => [provider.name, fake])),
    variables: Object.assign({}, ...started.map(({ provider, fake }) => fakeVariables(provider, fake.url))),
    async stop() {
      await Promise.all(started.map(({ fake }) => fake.close()));
    },
  };
};

/** Links to results hold the port, so it should stay. */
const keptIn = async (folder: string, name: ProviderName) => {
  const { port = 0 } = Object(readJson(portFile(folder, name))) as { port?: number };
  return { port: (await isPortFree(port)) ? port : 0, dataFile: join(folder, `${name}.sqlite`) };
};

const rememberPort = (folder: string, name: ProviderName, url: string) =>
  writeJson(portFile(folder, name), { port: Number(new URL(url).port) });

const portFile = (folder: string, name: ProviderName) => join(folder, `${name}.port.json`);
