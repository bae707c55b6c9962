import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamingHandler } from './response-stream.ts';

type LocalConsole = {
  /** Where the functions find the page. */
  folder: string;
  /** Builds the page when somebody first asks for it: a start does not wait for it. */
  buildOnDemand(handler: StreamingHandler): StreamingHandler;
  stop(): Promise<void>;
};

export const prepareConsole = async (): Promise<LocalConsole> => {
  const folder = await mkdtemp(join(tmpdir(), 'clearmaas-console-'));
  let built: Promise<void> | undefined;
  const build = async () => {
    const { buildConsole } = await import('../console/build.ts');
    buildConsole(folder);
  };
  return {
    folder,
    buildOnDemand: (handler) => async (event, stream, context) => {
      if (event.rawPath.startsWith('/console')) {
        built ??= build();
        await built;
      }
      return handler(event, stream, context);
    },
    stop: () => rm(folder, { recursive: true, force: true }),
  };
};
