import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, request as httpRequest, type Server } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import {
  OneBufferHttpAgent,
  OneBufferHttpsAgent,
  toKeep,
} from '../../../lib/providers/images/one-buffer-agents.ts';
import { listenOnLoopback, loopback, stopListening } from '../../../local/cloud/loopback.ts';

const pem = (name: string) => readFile(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

const answers = new Map(['/one', '/two', '/three'].map((path) => [path, randomBytes(2_000_000)]));
let stop: () => Promise<void>;
afterEach(() => stop());

/** Asks for all answers at the same time, twice over the same connections. */
const askForAll = async (server: Server, request: typeof httpsRequest, agent: OneBufferHttpAgent) => {
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.on('request', (asked, response) => response.end(answers.get(asked.url ?? '')));
  const port = await listenOnLoopback(server, 0);
  stop = async () => {
    agent.destroy();
    await stopListening(server);
  };
  const ask = (path: string) =>
    new Promise<Buffer>((resolve, reject) => {
      const call = request({ host: loopback, servername: 'hooks.test.example', port, path, agent });
      call
        .on('response', (answer) => resolve(buffer(answer)))
        .on('error', reject)
        .end();
    });
  const asked = [...answers.keys()];
  const first = await Promise.all(asked.map(ask));
  const second = await Promise.all(asked.map(ask));
  return { received: [first, second], connections };
};

const sent = [...answers.values()];
const isAsSent = (received: Buffer[]) =>
  received.every((bytes, index) => bytes.equals(sent[index] as Buffer));

it('keeps answers apart that come at the same time', async () => {
  const agent = new OneBufferHttpAgent({ keepAlive: true });
  const { received, connections } = await askForAll(createHttpServer(), httpRequest, agent);
  expect(received.map(isAsSent)).toEqual([true, true]);
  expect(connections).toBe(3);
});

it('does so over TLS, where it still checks who answers', async () => {
  const [key, cert, ca] = await Promise.all([pem('server-key'), pem('hooks'), pem('authority')]);
  const server = () => createHttpsServer({ key, cert });
  const trusting = new OneBufferHttpsAgent({ keepAlive: true, ca });
  const { received, connections } = await askForAll(server(), httpsRequest, trusting);
  expect(received.map(isAsSent)).toEqual([true, true]);
  expect(connections).toBe(3);
  await stop();
  const distrusting = new OneBufferHttpsAgent({ keepAlive: true });
  await expect(askForAll(server(), httpsRequest, distrusting)).rejects.toThrow('certificate');
});

it('lets go of a connection that the provider has closed', async () => {
  const server = createHttpServer();
  const agent = new OneBufferHttpAgent({ keepAlive: true });
  await askForAll(server, httpRequest, agent);
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(3);
  server.closeIdleConnections();
  await expect.poll(() => Object.values(agent.freeSockets).flat()).toHaveLength(0);
});

it('copies what lies in the buffer itself, should a parser hand that on', async () => {
  const bytes = randomBytes(500_000);
  const server = createHttpServer((_asked, response) => response.end(bytes));
  const port = await listenOnLoopback(server, 0);
  stop = () => stopListening(server);
  const connection = new OneBufferHttpAgent().createConnection({ host: loopback, port });
  connection?.write('GET / HTTP/1.0\r\n\r\n');
  const kept: Uint8Array[] = [];
  await new Promise((resolve) => {
    connection?.on('data', (piece: Buffer) => kept.push(toKeep(piece))).on('close', resolve);
  });
  expect(kept.length).toBeGreaterThan(1);
  expect(Buffer.concat(kept).subarray(-bytes.length).equals(bytes)).toBe(true);
});
