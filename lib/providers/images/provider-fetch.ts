import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { secondMs } from '../../time.ts';

/** The part of `fetch` that asking a provider for images needs; the global one has it too. */
export type ProviderFetch = (url: string, init: ProviderRequest) => Promise<ProviderAnswer>;

export type ProviderRequest = {
  method: 'POST';
  headers: Record<string, string>;
  body: string;
  redirect: 'manual';
  signal: AbortSignal;
};

export type ProviderAnswer = {
  status: number;
  headers: { get(name: string): string | null };
  body: AsyncIterable<Uint8Array> | null;
};

/** Long enough for a burst; short, so that an order seldom meets a connection that the provider has just closed. */
const idleConnectionMs = 4 * secondMs;
const connectWithinMs = 10 * secondMs;

/**
 * A `fetch` on Node's own HTTP client: the global one and its web streams cost several times what the rest of a request
 * does. Follows no redirect, and neither asks for compression nor undoes it.
 */
export const createProviderFetch = (): ProviderFetch => {
  const options = { keepAlive: true, timeout: idleConnectionMs };
  const http = { request: httpRequest, agent: new HttpAgent(options) };
  const https = { request: httpsRequest, agent: new HttpsAgent(options) };

  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const { request, agent } = url.startsWith('https:') ? https : http;
      const call = request(url, { method, headers: { ...usualHeaders, ...headers }, agent, signal });
      call.on('response', (answer) => resolve(answerOf(answer))).on('error', reject);
      limitConnecting(call, agent === https.agent ? 'secureConnect' : 'connect');
      call.end(Buffer.from(body));
    });
};

/** Some providers' front doors turn away who does not name itself. */
const usualHeaders = { accept: '*/*', 'user-agent': 'clearmaas-gateway' };

const answerOf = (answer: IncomingMessage): ProviderAnswer => ({
  status: answer.statusCode ?? 0,
  headers: { get: (name) => answer.headersDistinct[name]?.join(', ') ?? null },
  body: answer,
});

const limitConnecting = (call: ClientRequest, connected: 'connect' | 'secureConnect'): void => {
  call.once('socket', (socket) => {
    if (!socket.connecting) return;
    const giveUp = setTimeout(() => call.destroy(new ConnectTimeoutError()), connectWithinMs);
    socket.once(connected, () => clearTimeout(giveUp)).once('close', () => clearTimeout(giveUp));
  });
};

/** There was no connection in time, so nothing was sent. */
class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
  readonly code = 'ETIMEDOUT';
  readonly syscall = 'connect';
}
