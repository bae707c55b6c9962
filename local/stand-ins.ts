import { join } from 'node:path';
import type { Log } from '../lib/log.ts';
import { isPortFree } from './cloud/loopback.ts';
import { readJson, writeJson } from './data/data-folder.ts';
import {
  isStandIn,
  type Provider,
  type ProviderName,
  providers,
  standInKey,
  standInVariables,
} from './providers.ts';
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
} satisfies Partial<Record<ProviderName, (options: StartOptions) => Promise<StandIn>>>;
type StandInName = keyof typeof starters;

export type StandIns = {
  /** The stand-ins that run; those of the providers that are called for real are missing. */
  running: Partial<{ [Name in StandInName]: Awaited<ReturnType<(typeof starters)[Name]>> }>;
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
  const running: Record<string, StandIn> = {};
  let variables: StandIns['variables'] = {};
  for (const provider of providers) {
    if (!hasStandIn(provider.name) || !isStandIn(provider, settings.PROVIDERS, settings.variables)) continue;
    const standIn = await starters[provider.name]({
      port: folder === undefined ? 0 : await rememberedPort(folder, provider.name),
      seconds: settings.STAND_IN_SECONDS,
      apiKey: standInKey,
      log,
      ...(folder !== undefined && { dataFile: join(folder, `${provider.name}.sqlite`) }),
    });
    if (folder !== undefined) rememberPort(folder, provider.name, standIn.url);
    running[provider.name] = standIn;
    variables = { ...variables, ...standInVariables(provider, standIn.url) };
  }
  return {
    running: running as StandIns['running'],
    variables,
    async stop() {
      await Promise.all(Object.values(running).map((standIn) => standIn.close()));
    },
  };
};

const hasStandIn = (name: ProviderName): name is StandInName => Object.hasOwn(starters, name);

/** Links to results hold the port, so it should stay. */
const rememberedPort = async (folder: string, name: Provider['name']): Promise<number> => {
  const { port = 0 } = Object(readJson(portFile(folder, name))) as { port?: number };
  return (await isPortFree(port)) ? port : 0;
};

const rememberPort = (folder: string, name: Provider['name'], url: string) =>
  writeJson(portFile(folder, name), { port: Number(new URL(url).port) });

const portFile = (folder: string, name: Provider['name']) => join(folder, `${name}.port.json`);
