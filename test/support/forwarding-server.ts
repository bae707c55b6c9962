import { createServer, request } from 'node:http';
import type { Socket } from 'node:net';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

export type ForwardingServer = {
  port: number;
  url: string;
  /** What was asked, such as `PUT /bucket/images/a?partNumber=2`. */
  asked: string[];
  /** The answer to the next request gets lost, with its connection. */
  loseNextAnswer(): void;
  /** These requests are answered 403 from now on. */
  refuse(isRefused: (asked: string) => boolean): void;
  /** How many connections are open, and resets all of them. */
  resetConnections(): number;
  /** How many connections are open; what comes through them is not answered from now on, and nobody is told. */
  forgetConnections(): number;
  /** How many pieces came through connections that had been forgotten. */
  unanswered(): number;
  close(): Promise<void>;
};

/** Stands between a client and a server of this machine, and does to it what networks do. */
export const startForwardingServer = async (targetPort: number): Promise<ForwardingServer> => {
  const asked: string[] = [];
  const connections = new Set<Socket>();
  let isRefused = (_asked: string) => false;
  let losesAnswer = false;
  let unanswered = 0;
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    asked.push(`${method} ${url}`);
    if (isRefused(`${method} ${url}`)) {
      incoming.resume();
      outgoing.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>not allowed</Message></Error>');
      return;
    }
    const forward = request({ host: loopback, port: targetPort, method, path: url, headers }, (answer) => {
      if (losesAnswer) {
        losesAnswer = false;
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    incoming.pipe(forward);
  });
  // Whoever asks gives a connection up first.
  server.keepAliveTimeout = 75_000;
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const port = await listenOnLoopback(server, 0);
  return {
    port,
    url: `http://${loopback}:${port}`,
    asked,
    loseNextAnswer() {
      losesAnswer = true;
    },
    refuse(refused) {
      isRefused = refused;
    },
    resetConnections() {
      const open = [...connections];
      for (const socket of open) socket.resetAndDestroy();
      return open.length;
    },
    forgetConnections() {
      const count = () => {
        unanswered += 1;
      };
      for (const socket of connections) socket.removeAllListeners('data').on('data', count);
      return connections.size;
    },
    unanswered: () => unanswered,
    close: () => stopListening(server),
  };
};
