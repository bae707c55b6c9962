import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestRedelivery } from '../../lib/tasks/redelivery.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';

let deliveries: Deliveries;
let example: ChildProcessByStdio<null, Readable, null>;
let lines: AsyncIterator<string>;
let url: string;

const nextLine = async (): Promise<string> => String((await lines.next()).value);

beforeAll(async () => {
  deliveries = await startDeliveries();
  const server = fileURLToPath(new URL('../../examples/receiver-hono/server.ts', import.meta.url));
  example = spawn(process.execPath, [server], {
    env: { CLEARMAAS_CALLBACK_SECRET: deliveries.workspace.callbackSecret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  lines = createInterface(example.stdout)[Symbol.asyncIterator]();
  url = (await nextLine()).replace('listening on ', '');
});
afterAll(async () => {
  example.kill();
  await once(example, 'exit');
  await deliveries.stop();
});

describe('examples/receiver-hono', () => {
  it('verifies and takes an event, and takes a repeat without working on it again', async () => {
    const first = await deliveries.anEndedTask(url);
    await deliveries.deliver(first);
    expect(await nextLine()).toBe(`video.completed ${first.id} https://results.example/video.mp4`);
    await deliveries.tasks.change(first.id, (task) => requestRedelivery(task, undefined, deliveries.now()));
    await deliveries.deliver(first);
    const attempts = await deliveries.attemptsOf(first);
    expect(attempts.map(({ statusCode }) => statusCode)).toEqual([204, 204]);

    const second = await deliveries.anEndedTask(url);
    await deliveries.deliver(second);
    expect(await nextLine()).toContain(second.id);
  });

  it('answers 401 to a forged event', async () => {
    const headers = {
      'webhook-id': 'evt_forged',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': 'v1,Zm9yZ2Vk',
    };
    const response = await fetch(url, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(401);
  });
});
