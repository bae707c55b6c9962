import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod/mini';
import { minuteMs } from '../../lib/time.ts';
import { aFolder } from '../support/a-folder.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { startReceiver } from '../support/receiver.ts';

const submitted = z.object({ task_id: z.string() });
const polled = z.object({ data: z.object({ status: z.string() }) });

const call = async ({ url, apiKey }: GatewayProcess, path: string, body?: object): Promise<unknown> => {
  const answer = await fetch(`${url}/v1/video/generations${path}`, {
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  expect(answer.status).toBe(200);
  return answer.json();
};

/** How a task ends. */
const endOf = async (gateway: GatewayProcess, taskId: string): Promise<string> => {
  for (;;) {
    const { status } = polled.parse(await call(gateway, `/${taskId}`)).data;
    if (status === 'SUCCESS' || status === 'FAILURE') return status;
    await pause(200);
  }
};

// What was being submitted when the process died may have reached Kling, and is asked for again only after a minute. A
// task that Kling had taken, but whose first poll could not be sent any more, is taken up after three.
it('loses no task that was answered with 200 when it is killed at once and runs again five minutes later', async () => {
  const receiver = await startReceiver();
  onTestFinished(receiver.stop);
  const variables = { DATA_DIR: await aFolder(), STAND_IN_SECONDS: '1' };

  const killed = await startGateway(variables);
  const prompts = ['a boat', 'a kite', 'a bell', 'a well', 'a tree', 'a door'];
  const submit = async (prompt: string) => {
    const body = { model: 'kling/kling-v2-6', prompt, callback_url: receiver.url };
    return submitted.parse(await call(killed, '', body)).task_id;
  };
  const taskIds = await Promise.all(prompts.map(submit));
  await killed.killAll();

  const restarted = await startGateway(variables, { aheadMs: 5 * minuteMs });
  const ends = await Promise.all(taskIds.map((taskId) => endOf(restarted, taskId)));
  expect(ends).toEqual(taskIds.map(() => 'SUCCESS'));
  const calls = await receiver.waitFor(taskIds.length);
  expect(calls.map(({ body }) => JSON.parse(body).data.id).toSorted()).toEqual(taskIds.toSorted());
});
