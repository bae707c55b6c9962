import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testEvent } from '../../lib/callbacks/event.ts';
import { requestRedelivery } from '../../lib/tasks/redelivery.ts';
import { type Deliveries, startDeliveries } from '../support/deliveries.ts';
import { type ExampleReceiver, type Program, startExample } from '../support/example-receivers.ts';
import { pythonFor } from '../support/python.ts';

const folderOf = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

const hono: Program = {
  command: process.execPath,
  parameters: ['server.ts'],
  folder: folderOf('receiver-hono'),
  address: /listening on (http:\S+)\/callbacks/,
  path: '/callbacks',
};
/** The README's, saved as it says. */
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const [, readmeReceiver = ''] = /`receiver\.mjs`:\n\n```js\n(.*?)```/s.exec(readme) ?? [];
const readmeFolder = await mkdtemp(join(tmpdir(), 'clearmaas-test-'));
afterAll(() => rm(readmeFolder, { recursive: true }));
await writeFile(join(readmeFolder, 'receiver.mjs'), readmeReceiver);
await symlink(
  fileURLToPath(new URL('../../node_modules', import.meta.url)),
  join(readmeFolder, 'node_modules'),
);
const plain: Program = {
  command: process.execPath,
  parameters: ['receiver.mjs'],
  folder: readmeFolder,
  address: /waiting for callbacks on (http:\S+)\//,
  path: '/',
};
const fastApiFolder = folderOf('receiver-fastapi');
const python = await pythonFor(`${fastApiFolder}/requirements.txt`);
if (python.missing !== undefined)
  process.stderr.write(`examples/receiver-fastapi is not tried: ${python.missing}.\n`);
const fastApi: Program = {
  command: `${python.programs}/uvicorn`,
  parameters: ['main:app', '--port', '0', '--no-access-log'],
  folder: fastApiFolder,
  address: /running on (http:\S+)/,
  path: '/callbacks',
};
const programs: [string, Program][] = [
  ['README.md', plain],
  ['examples/receiver-hono', hono],
  ...(python.missing !== undefined
    ? []
    : [['examples/receiver-fastapi', fastApi] satisfies [string, Program]]),
];

describe.each(programs)('the receiver of %s', (_name, program) => {
  let deliveries: Deliveries;
  let example: ExampleReceiver;
  beforeAll(async () => {
    deliveries = await startDeliveries();
    example = await startExample(program, deliveries.workspace.callbackSecret);
  });
  afterAll(async () => {
    await example?.stop();
    await deliveries.stop();
  });

  it('verifies and takes an event, and takes a repeat without working on it again', async () => {
    const first = await deliveries.anEndedTask(example.url);
    await deliveries.deliver(first);
    expect(await example.nextLine()).toBe(`video.completed ${first.id} https://results.example/video.mp4`);
    await deliveries.tasks.change(first.id, (task) => requestRedelivery(task, undefined, deliveries.now()));
    await deliveries.deliver(first);
    const attempts = await deliveries.attemptsOf(first);
    expect(attempts.map(({ statusCode }) => statusCode)).toEqual([204, 204]);

    const second = await deliveries.anEndedTask(example.url);
    await deliveries.deliver(second);
    expect(await example.nextLine()).toContain(second.id);
  });

  const send = (body: Buffer, signature: string, id = 'evt_1', atMs = Date.now()) =>
    fetch(example.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(atMs / 1_000)),
        'webhook-signature': signature,
      },
      body: new Uint8Array(body),
    });

  it('takes a callback.test, which is about no task', async () => {
    const { id, body } = testEvent({ livemode: true }, Date.now());
    const webhook = new Webhook(deliveries.workspace.callbackSecret);
    const signature = webhook.sign(id, new Date(), body.toString());
    expect((await send(body, signature, id)).status).toBe(204);
    expect(await example.nextLine()).toBe(
      'callback.test - This is a test. Your receiver got it, and it changes nothing.',
    );
  });

  it.each([
    ['forged', '{}', 'v1,Zm9yZ2Vk'],
    ['without a signature', '{}', ''],
    ['whose signature is no signature', '{}', 'v1'],
    ['whose signature is no base64', '{}', 'v1,%%%'],
    ['that is not UTF-8', '\xff\xfe', 'v1,Zm9yZ2Vk'],
  ])('answers 401 to an event %s, and prints what to compare', async (_what, body, signature) => {
    const before = example.errors().length;
    expect((await send(Buffer.from(body, 'latin1'), signature)).status).toBe(401);
    await vi.waitFor(() => {
      expect(example.errors().slice(before)).toMatch(
        /refused an event: .+ Compare CLEARMAAS_CALLBACK_SECRET/,
      );
    });
  });
});
