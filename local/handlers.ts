import { ConfigError } from '../lib/config.ts';
import type { FunctionName, QueueName } from '../lib/limits.ts';
import type { Log } from '../lib/observability/log.ts';
import type { QueueHandler } from './event-source.ts';
import { installStreaming, type StreamingHandler } from './response-stream.ts';

export type Handlers = {
  api: StreamingHandler;
  /** A queue whose function is not set up is missing; its messages wait. */
  queues: Partial<Record<QueueName, QueueHandler>>;
  sweep: () => Promise<void>;
};

let instances = 0;

/**
 * Imports the functions, which read their settings from the environment as they are imported. Each call makes
 * new ones, so that one process can run several stacks, one after another.
 */
export const importHandlers = async (log: Log): Promise<Handlers> => {
  installStreaming();
  instances += 1;
  const load = async <Handler>(name: FunctionName): Promise<Handler> => {
    const module = await import(
      /* @vite-ignore */ new URL(`../functions/${name}.ts?${instances}`, import.meta.url).href
    );
    return module.handler;
  };
  const loadIfSetUp = async (name: FunctionName): Promise<QueueHandler | undefined> => {
    try {
      return await load<QueueHandler>(name);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.event('local.function-off', { function: name, reason: error.message });
      return undefined;
    }
  };

  const [api, sweep, submissions, images, polls, callbacks] = await Promise.all([
    load<StreamingHandler>('api'),
    load<Handlers['sweep']>('sweep'),
    loadIfSetUp('submit-video'),
    loadIfSetUp('make-image'),
    loadIfSetUp('poll-video'),
    load<QueueHandler>('deliver'),
  ]);
  return {
    api,
    sweep,
    queues: {
      callbacks,
      ...(submissions && { submissions }),
      ...(images && { images }),
      ...(polls && { polls }),
    },
  };
};
