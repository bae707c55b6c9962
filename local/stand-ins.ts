import { join } from 'node:path';
import type { Log } from '../lib/log.ts';
import { isPortFree } from './cloud/loopback.ts';
import { readJson, writeJson } from './data/data-folder.ts';
import { isStandIn, type ProviderName, providers, standInKey, standInVariables } from './providers.ts';
import type { Settings } from './settings.ts';
import { startGoogleStandIn } from './stand-ins/google.ts';
import { startKlingStandIn } from './stand-ins/kling.ts';
import { startOpenAiStandIn } from './stand-ins/openai.ts';
import { startXaiStandIn } from './stand-ins/xai.ts';

type StandIn = { url: string; close(): Promise<void> };
type StartOptions = { port: number; seconds: number; apiKey: string; dataFile?: string; log: Log };

const starters = {
  kling: startKlingStandIn,
  openai: startOpenAiStandIn,
  google: startGoogleStandIn,
  xai: startXaiStandIn,
} satisfies Record<ProviderName, (options: StartOptions) => Promise<StandIn>>;

export type StandIns = {
  /** The stand-ins that run; those of the providers that are called for real are missing. */
  running: Partial<{ [Name in ProviderName]: Awaited<ReturnType<(typeof starters)[Name]>> }>;
  /** What leads the functions to them. */
  variables: Record<string, string | undefined>;
  stop(): Promise<void>;
};

export type StandInOptions = {
  settings: Settings;
  /** Where they keep their work over a restart. Absent: nowhere. */
  folder?: string;
  log: Log;
};

/** Starts a stand-in for every provider that is not to be called for real. */
export const startStandIns = async ({ settings, folder, log }: StandInOptions): Promise<StandIns> => {
  const replaced = providers.filter((provider) =>
    isStandIn(provider, settings.PROVIDERS, settings.variables),
  );
  const started = await Promise.all(
    replaced.map(async (provider) => {
      const kept = folder === undefined ? { port: 0 } : await keptIn(folder, provider.name);
      const options = { ...kept, seconds: settings.STAND_IN_SECONDS, apiKey: standInKey, log };
      const standIn: StandIn = await starters[provider.name](options);
      if (folder !== undefined) rememberPort(folder, provider.name, standIn.url);
      return { provider, standIn };
    }),
  );
  return {
    running: Object.fromEntries(started.map(({ provider, standIn }) => [provider.name, standIn])),
    variables: Object.assign(
      {},
      ...started.map(({ provider, standIn }) => standInVariables(provider, standIn.url)),
    ),
    async stop() {
      await Promise.all(started.map(({ standIn }) => standIn.close()));
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
