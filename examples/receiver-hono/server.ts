import { env, exit, stderr, stdout } from 'node:process';
import { serve } from '@hono/node-server';
import { createReceiver } from './receiver.ts';

const { CLEARMAAS_CALLBACK_SECRET, PORT = '9000' } = env;
if (!CLEARMAAS_CALLBACK_SECRET) {
  stderr.write(
    'Set CLEARMAAS_CALLBACK_SECRET to the whsec_… secret that GET /v1/callbacks/secret answers.\n',
  );
  exit(1);
}

// Forgets on restart, and then does an event twice at worst: replace it by your database.
const known = new Set<string>();
const app = createReceiver({
  secret: CLEARMAAS_CALLBACK_SECRET,
  remember: async (eventId) => !known.has(eventId) && known.add(eventId) !== undefined,
  accept: async ({ type, data }) => {
    const about = data.result_url ?? data.fail_reason ?? data.message ?? '';
    stdout.write(`${type} ${data.id ?? '-'} ${about}\n`);
  },
  refuse: (reason) => {
    stderr.write(
      `refused an event: ${reason}. Compare CLEARMAAS_CALLBACK_SECRET with GET /v1/callbacks/secret of the workspace whose key submitted the task.\n`,
    );
  },
});

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(PORT) }, ({ port }) => {
  stdout.write(`listening on http://127.0.0.1:${port}/callbacks\n`);
});
