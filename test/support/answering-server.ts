import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ScriptedAnswer =
  | { status: number; body: unknown }
  | { status: number; text: string }
  | 'reset'
  | 'silence';
export type SeenRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

export type AnsweringServer = {
  url: string;
  /** What the next requests are answered with, in order; the last one answers all that follow. */
  answer(...answers: [ScriptedAnswer, ...ScriptedAnswer[]]): void;
  requests: SeenRequest[];
  close(): Promise<void>;
};

/** An HTTP server on this machine that answers by a script and remembers what it was asked. */
export const startAnsweringServer = async (): Promise<AnsweringServer> => {
  let script: ScriptedAnswer[] = [];
  const requests: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    const answer = script.length > 1 ? script.shift() : script[0];
    if (answer === undefined || answer === 'silence') return;
    if (answer === 'reset') return void response.socket?.resetAndDestroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end('text' in answer ? answer.text : JSON.stringify(answer.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answer: (...answers) => {
      script = [...answers];
    },
    requests,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
