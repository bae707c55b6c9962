import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { secondMs } from '../time.ts';

export type AwsRequest = {
  endpoint: URL;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** For the whole exchange, up to the answer's last byte. */
  deadlineMs: number;
  /** Ends the exchange early. */
  signal?: AbortSignal | undefined;
};

export type AwsAnswer = { status: number; headers: Record<string, unknown>; body: Buffer };

/** Asks once. Rejects when no whole answer came. */
export type Exchange = (request: AwsRequest) => Promise<AwsAnswer>;

const http = { request: httpRequest, agent: new HttpAgent({ keepAlive: true, maxSockets: 50 }) };
const https = { request: httpsRequest, agent: new HttpsAgent({ keepAlive: true, maxSockets: 50 }) };

export const exchangeOverHttp: Exchange = ({ endpoint, body, deadlineMs, signal, ...rest }) =>
  new Promise((resolve, reject) => {
    const { request, agent } = endpoint.protocol === 'https:' ? https : http;
    const { hostname, port } = endpoint;
    const call = request({ ...rest, hostname, port, agent, ...(signal && { signal }) });
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => {
      fail(new DeadlineError(`no answer within ${deadlineMs / secondMs} s`));
      call.destroy();
    }, deadlineMs);
    call.on('error', fail);
    call.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
      });
    });
    call.end(body);
  });

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE';
}
