import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

type Answerer = { fetch(request: Request): Response | Promise<Response> };

/** A server whose first answers never arrive: the request is dealt with, and then the connection breaks. */
export const startLossyServer = async (app: Answerer, lostAnswers: number) => {
  const handled: { retryCount: string | undefined; lost: boolean }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const headers = new Headers(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    );
    const response = await app.fetch(
      new Request(`http://${loopback}${incoming.url}`, {
        method: incoming.method ?? 'GET',
        headers,
        ...(incoming.method === 'POST' && { body: await buffer(incoming) }),
      }),
    );
    const lost = handled.length < lostAnswers;
    handled.push({ retryCount: headers.get('x-stainless-retry-count') ?? undefined, lost });
    if (lost) return incoming.socket.destroy();
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    return outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://${loopback}:${port}`, handled, stop: () => stopListening(server) };
};
