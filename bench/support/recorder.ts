import { createServer, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

/** One call of an AWS service that speaks JSON. */
export type Call = { operation: string; input: Record<string, unknown>; status: number };
export type Recorder = { port: number; calls: Call[]; stop(): Promise<void> };

/** Stands before an embedded server, hands every call on, and writes down which they were. */
export const startRecorder = async (targetPort: number): Promise<Recorder> => {
  const calls: Call[] = [];
  const server = createServer(async (incoming, outgoing) => {
    incoming.on('error', () => {});
    outgoing.on('error', () => {});
    const body = await buffer(incoming);
    const { method, url, headers } = incoming;
    const forward = request({ host: loopback, port: targetPort, method, path: url, headers }, (answer) => {
      const [, operation] = String(headers['x-amz-target'] ?? '').split('.');
      if (operation !== undefined)
        calls.push({ operation, input: JSON.parse(body.toString()), status: answer.statusCode ?? 0 });
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forward.destroy());
    forward.end(body);
  });
  server.keepAliveTimeout = 75_000;
  return { port: await listenOnLoopback(server, 0), calls, stop: () => stopListening(server) };
};
