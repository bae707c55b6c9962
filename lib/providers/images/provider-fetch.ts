import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { secondMs } from '../../time.ts';
import { answerPieces } from './answer-pieces.ts';
import { OneBufferHttpAgent, OneBufferHttpsAgent } from './one-buffer-agents.ts';

/** The part of `fetch` that asking a provider for images needs, and a deadline that holds until the answer's last byte. */
export type ProviderFetch = (url: string, init: ProviderRequest) => Promise<ProviderAnswer>;

export type ProviderRequest = {
  method: 'POST';
  headers: Record<string, string>;
  body: string;
  redirect: 'manual';
  deadlineMs: number;
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
  const http = { request: httpRequest, agent: new OneBufferHttpAgent(options) };
  const https = { request: httpsRequest, agent: new OneBufferHttpsAgent(options) };
  const targetOf = rememberTargets();

  return (url, { method, headers, body, deadlineMs }) =>
    new Promise((resolve, reject) => {
      const { request, agent } = url.startsWith('https:') ? https : http;
      const call = request({ ...targetOf(url), method, headers: { ...usualHeaders, ...headers }, agent });
      let answer: IncomingMessage | undefined;
      const giveUp = setTimeout(() => (answer ?? call).destroy(new DeadlineError()), deadlineMs);
      call
        .on('response', (begun) => {
          answer = begun;
          resolve(answerOf(begun));
        })
        .on('error', reject)
        .on('close', () => clearTimeout(giveUp));
      limitConnecting(call, agent === https.agent ? 'secureConnect' : 'connect');
      call.end(body);
    });
};

type Target = Pick<RequestOptions, 'hostname' | 'port' | 'path'>;

/** There is one address for each model, or for all of them. */
const rememberTargets = () => {
  const targets = new Map<string, Target>();
  return (url: string): Target => {
    const known = targets.get(url);
    if (known !== undefined) return known;
    const { hostname, port, path } = urlToHttpOptions(new URL(url));
    const target = { hostname, port, path };
    targets.set(url, target);
    return target;
  };
};

/** Some providers' front doors turn away who does not name itself. */
const usualHeaders = { accept: '*/*', 'user-agent': 'clearmaas-gateway' };

const answerOf = (answer: IncomingMessage): ProviderAnswer => ({
  status: answer.statusCode ?? 0,
  headers: { get: (name) => answer.headersDistinct[name]?.join(', ') ?? null },
  body: answerPieces(answer),
});

const limitConnecting = (call: ClientRequest, connected: 'connect' | 'secureConnect'): void => {
  call.once('socket', (socket) => {
    if (!socket.connecting) return;
    const giveUp = setTimeout(() => call.destroy(new ConnectTimeoutError()), connectWithinMs);
    socket.once(connected, () => clearTimeout(giveUp)).once('close', () => clearTimeout(giveUp));
  });
};

class DeadlineError extends Error {
  override readonly name = 'TimeoutError';
}

/** There was no connection in time, so nothing was sent. */
class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError';
  readonly code = 'ETIMEDOUT';
  readonly syscall = 'connect';
}
