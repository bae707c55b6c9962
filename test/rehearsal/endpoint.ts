import { request } from 'node:http';
import { text } from 'node:stream/consumers';

type Answer = { status: number; headers: Record<string, unknown>; body: unknown };
export type CallEndpoint = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Answer>;

/** Calls a deployed Function URL. MiniStack tells functions apart by the name of the host, as AWS does. */
export const createCallEndpoint =
  (endpointUrl: string, port: number, apiKey?: string): CallEndpoint =>
  (method, path, body) =>
    new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, method, path, agent: false });
      call.setHeader('host', new URL(endpointUrl).host);
      call.setHeader('content-type', 'application/json');
      if (apiKey !== undefined) call.setHeader('authorization', `Bearer ${apiKey}`);
      call.on('error', reject);
      call.on('response', (response) => {
        const { statusCode = 0, headers } = response;
        text(response)
          .then((answer) => ({ status: statusCode, headers, body: answer && JSON.parse(answer) }))
          .then(resolve, reject);
      });
      call.end(body && JSON.stringify(body));
    });
