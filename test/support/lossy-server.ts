import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { streamAnswers } from '../../functions/bootstrap/stream-answers.ts';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';
import { functionUrlOf } from './function-url.ts';

/** A server whose first answers never arrive: the request is dealt with, and then the connection breaks. */
export const startLossyServer = async (app: Parameters<typeof streamAnswers>[0], lostAnswers: number) => {
  const ask = functionUrlOf(app);
  const handled: { retryCount: string | undefined; lost: boolean }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const headers = new Headers(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    );
    const response = await ask(`http://${loopback}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers,
      ...(incoming.method === 'POST' && { body: await buffer(incoming) }),
    });
    const lost = handled.length < lostAnswers;
    handled.push({ retryCount: headers.get('x-stainless-retry-count') ?? undefined, lost });
    if (lost) return incoming.socket.destroy();
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    return outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://${loopback}:${port}`, handled, stop: () => stopListening(server) };
};
