import { Agent, createServer, request } from 'node:http';
import { listenOnLoopback, loopback } from '../../local/cloud/loopback.ts';
import { print } from '../support/print.ts';

/** The least that can be called a proxy of `node:http`: hands everything on, knows nothing. */
const upstream = new URL(process.argv[2] ?? '');
const agent = new Agent({ keepAlive: true });
const server = createServer((incoming, outgoing) => {
  const { method, url, headers } = incoming;
  const forward = request(
    { agent, host: upstream.hostname, port: upstream.port, path: url, method, headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  forward.on('error', () => outgoing.destroy());
  incoming.pipe(forward);
});
print(`http://${loopback}:${await listenOnLoopback(server, 0)}`);
