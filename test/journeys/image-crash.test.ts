import { expect, it, vi } from 'vitest';
import { aFolder } from '../support/a-folder.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { patience } from '../support/patience.ts';

const call = ({ url, apiKey }: GatewayProcess, path: string, body?: object) =>
  fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const usageOf = async (gateway: GatewayProcess) => (await call(gateway, '/v1/usage?group_by=model')).json();

it('images that were ordered when the gateway was killed stay in the ledger, at unknown cost', async () => {
  const variables = { DATA_DIR: await aFolder(), LOG_LEVEL: 'error', STAND_IN_SECONDS: '60' };
  const gateway = await startGateway(variables);
  const model = 'openai/gpt-image-2';
  const answer = call(gateway, '/v1/images/generations', { model, prompt: '[slow] a mill' });
  answer.catch(() => {});
  const ordered = { data: [{ key: model, tasks: 1, images: 0, unpriced_tasks: 1 }], total_usd: '0' };
  await vi.waitFor(async () => expect(await usageOf(gateway)).toMatchObject(ordered), patience);
  await gateway.killAll();
  await expect(answer).rejects.toThrow();
  expect(await usageOf(await startGateway(variables))).toMatchObject(ordered);
});
