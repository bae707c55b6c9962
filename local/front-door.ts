import type { Log } from '../lib/observability/log.ts';
import { secondMs } from '../lib/time.ts';
import { listenOnLoopback, loopback, stopListening } from './cloud/loopback.ts';
import { createFunctionUrl } from './function-url.ts';
import type { StreamingHandler } from './response-stream.ts';

type FrontDoor = {
  url: string;
  /** Requests that came earlier are answered now. */
  open(handler: StreamingHandler): void;
  stop(): Promise<void>;
};

const stopWaitMs = 2 * secondMs;

/** Takes the gateway's port at once, since its address is among the settings of the functions. */
export const startFrontDoor = async (port: number, log: Log): Promise<FrontDoor> => {
  const opening = Promise.withResolvers<StreamingHandler>();
  const server = createFunctionUrl({
    handler: async (...invocation) => (await opening.promise)(...invocation),
    now: Date.now,
    log,
  });
  try {
    const actualPort = await listenOnLoopback(server, port);
    return {
      url: `http://${loopback}:${actualPort}`,
      open: opening.resolve,
      stop: () => stopListening(server, stopWaitMs),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new PortInUseError(port, { cause: error });
  }
};

/** Another program has the gateway's port. */
class PortInUseError extends Error {
  override readonly name = 'PortInUseError';

  constructor(port: number, options: ErrorOptions) {
    super(
      `Port ${port} on ${loopback} is in use. End the program that uses it, or set PORT to another port.`,
      options,
    );
  }
}
