import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { listenOnLoopback, loopback, stopListening } from '../cloud/loopback.ts';

export type CallbackReceiver = {
  url: string;
  /** The first event that arrives and whose signature is right. */
  event: Promise<unknown>;
  stop(): Promise<void>;
};

/** What a client of the gateway runs: takes a callback, checks its signature, and only then believes it. */
export const startCallbackReceiver = async (callbackSecret: string): Promise<CallbackReceiver> => {
  const webhook = new Webhook(callbackSecret);
  const { promise: event, resolve } = Promise.withResolvers<unknown>();
  const server = createServer(async (request, response) => {
    try {
      const verified = webhook.verify(await text(request), request.headers as Record<string, string>);
      response.writeHead(204).end();
      resolve(verified);
    } catch {
      response.writeHead(400).end();
    }
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://${loopback}:${port}/callbacks`, event, stop: () => stopListening(server) };
};
