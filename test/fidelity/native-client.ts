import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { registerHooks } from 'node:module';
import { text } from 'node:stream/consumers';
import { currentEnvironment } from '../../lib/config.ts';

/**
 * Loaded into a function's process before AWS's runtime interface client. That client is JavaScript but for one
 * native part, which must be compiled and only exists for Linux. This does the same three calls in its place.
 */
type Answer = { bodyJson: string; headers: IncomingHttpHeaders };

const [host = '', port = ''] = (currentEnvironment()['AWS_LAMBDA_RUNTIME_API'] ?? '').split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method: string, path: string, body = ''): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, agent, path: `/2018-06-01/runtime/invocation/${path}` });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      text(response).then((bodyJson) => resolve({ bodyJson, headers: response.headers }), reject);
    });
    outgoing.end(body);
  });

let last: Promise<unknown> = Promise.resolve();
const report = (id: string, kind: string, body: string) => {
  last = last.then(() => call('POST', `${id}/${kind}`, body));
};
export const next = () => last.then(() => call('GET', 'next'));
export const done = (id: string, body: string) => report(id, 'response', body);
export const error = (id: string, body: string) => report(id, 'error', body);

registerHooks({
  resolve: (specifier, context, resolveNext) =>
    specifier.endsWith('rapid-client.node')
      ? { url: import.meta.url, format: 'module-typescript', shortCircuit: true }
      : resolveNext(specifier, context),
});
