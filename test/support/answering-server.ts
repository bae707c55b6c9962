import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

export type ScriptedAnswer =
  | { status: number; body: unknown }
  | { status: number; text: string }
  | 'reset'
  /** Begins to answer, and breaks off. */
  | 'cut'
  | 'no response';
type SeenRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

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
    const { method = '', url: path = '', headers } = request;
    requests.push({ method, path, headers, body: await text(request) });
    const answer = script.length > 1 ? script.shift() : script[0];
    if (answer === undefined || answer === 'no response') return;
    if (answer === 'reset') return void response.socket?.resetAndDestroy();
    if (answer === 'cut') {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('{', () => response.destroy());
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end('text' in answer ? answer.text : JSON.stringify(answer.body));
  });
  const port = await listenOnLoopback(server, 0);
  return {
    url: `http://${loopback}:${port}`,
    answer: (...answers) => {
      script = [...answers];
    },
    requests,
    close: () => stopListening(server),
  };
};
