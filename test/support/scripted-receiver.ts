import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';

type ReceivedCallback = {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  receivedAtMs: number;
};

/** Writes the answer to a callback, in whatever odd way a test wants. */
type Answer = (response: ServerResponse, callback: ReceivedCallback) => void;

export const answerWith =
  (statusCode: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(statusCode, headers).end();
  };
/** Takes the request and leaves it at that. */
export const neverAnswer: Answer = () => {};

export type Receiver = {
  url: string;
  origin: string;
  port: number;
  received: ReceivedCallback[];
  /** Connections seen, whether or not a request came through them. */
  connections: () => number;
  answers(answer: Answer): void;
  /** Resolves once so many callbacks have come in all. */
  hasReceived(count: number): Promise<void>;
  stop(): Promise<void>;
};

type Options = { answer?: Answer; tls?: { cert: string; key: string }; host?: string; port?: number };

/** A receiver of callbacks on this machine: plain or TLS, counts connections, keeps the bytes that it gets. */
export const startScriptedReceiver = async (options: Options = {}): Promise<Receiver> => {
  let answer = options.answer ?? answerWith(204);
  let connections = 0;
  const received: ReceivedCallback[] = [];
  const waiting = new Set<() => void>();

  const listener: RequestListener = (request, response) => {
    const receivedAtMs = Date.now();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const callback = { path, headers, body: Buffer.concat(chunks), receivedAtMs };
      received.push(callback);
      answer(response, callback);
      for (const check of waiting) check();
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on('connection', () => {
    connections += 1;
  });
  const port = await listen(server, options);
  const origin = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  return {
    url: `${origin}/callbacks`,
    origin,
    port,
    received,
    connections: () => connections,
    answers: (next) => {
      answer = next;
    },
    hasReceived: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (received.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Lets a server listen on this machine; on a free port, unless told which. */
export const listen = async (
  server: Server,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
};
