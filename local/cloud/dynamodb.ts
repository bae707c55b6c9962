import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import dynalite from 'dynalite';
import { listenOnLoopback, stopListening } from './loopback.ts';

export type EmbeddedServer = { port: number; stop(): Promise<void> };
export type EmbeddedServerOptions = {
  /** 0: any free one. */
  port: number;
  /** Absent: in memory. */
  folder?: string;
};

/** Longer than the SDK keeps an idle connection, so that no request meets a closing one. */
const keepAliveTimeoutMs = 75_000;

export const startDynamoDb = async ({ port, folder }: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const server = dynalite({
    createTableMs: 0,
    updateTableMs: 0,
    deleteTableMs: 0,
    ...(folder !== undefined && { path: folder }),
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;
  readBodiesFirst(server);
  return { port: await listenOnLoopback(server, port), stop: () => stopListening(server) };
};

/** dynalite throws, and so ends the process, when a client goes away in the middle of its body. */
const readBodiesFirst = (server: Server): void => {
  const [answer] = server.listeners('request') as RequestListener[];
  if (answer === undefined) throw new Error('dynalite has no request listener; is it still version 4.0.0?');
  server.removeAllListeners('request');
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const body = await buffer(request);
      const { method, url, headers } = request;
      answer(Object.assign(Readable.from([body]), { method, url, headers }) as IncomingMessage, response);
    } catch {
      response.destroy();
    }
  });
};
