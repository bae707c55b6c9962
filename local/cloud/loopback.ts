import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The only address that anything here listens on: neighbours on the network must not reach it. */
export const loopback = '127.0.0.1';

/** Answers the port, which is a free one where 0 was asked for. */
export const listenOnLoopback = async (server: Server, port: number): Promise<number> => {
  server.listen(port, loopback);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** Connections that are still open after the grace are cut: a client that keeps one must not delay the end. */
export const stopListening = (server: Server, graceMs = 0): Promise<void> =>
  new Promise((resolve, reject) => {
    const impatience = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close((error) => {
      clearTimeout(impatience);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
  });

/** The port, or 0 for any other where somebody has it. */
export const portIfFree = async (port: number): Promise<number> => {
  const probe = createServer();
  try {
    await listenOnLoopback(probe, port);
  } catch {
    return 0;
  }
  await stopListening(probe);
  return port;
};
