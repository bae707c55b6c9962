import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { minuteMs } from '../../lib/time.ts';
import { aFolder } from '../support/a-folder.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { startListener } from '../support/listener.ts';
import { startReceiver } from '../support/receiver.ts';

const submitted = z.object({ task_id: z.string() });
const about = z.object({ data: z.object({ id: z.string() }) });
const tasks = 20;

const submit = async ({ url, apiKey }: GatewayProcess, prompt: string): Promise<string> => {
  const answer = await fetch(`${url}/v1/video/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'kling/kling-v2-6', prompt }),
  });
  expect(answer.status).toBe(200);
  return submitted.parse(await answer.json()).task_id;
};

it('brings every end of twenty tasks, though gateway and listener are killed amid them', async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.stop);
  const cwd = await aFolder();
  const variables = { DATA_DIR: await aFolder(), STAND_IN_SECONDS: '1', LOG_LEVEL: 'error' };
  let gateway = await startGateway(variables);
  const { port } = new URL(gateway.url);
  const listen = () =>
    startListener(['--forward-to', receiver.url], {
      cwd,
      variables: { CLEARMAAS_URL: gateway.url, CLEARMAAS_API_KEY: gateway.apiKey },
    });
  let listener = listen();
  await listener.says(/from now on/);
  const taskIds: string[] = [];
  for (let count = 0; count < tasks; count += 1) taskIds.push(await submit(gateway, `boat ${count}`));

  await receiver.waitFor(2);
  await listener.kill();
  await gateway.killAll();
  gateway = await startGateway({ ...variables, PORT: port }, { aheadMs: 6 * minuteMs });
  listener = listen();
  await listener.says(/where the last listener stopped/);

  const told = () => new Set(receiver.calls.map(({ body }) => about.parse(JSON.parse(body)).data.id));
  while (!taskIds.every((id) => told().has(id))) await pause(100);
  expect(await listener.interrupt()).toBe(0);
});
