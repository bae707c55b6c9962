import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeApiKey, newApiKey } from '../../lib/keys/api-key.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import { type Journey, type SubmitAnswer, startJourney } from '../support/journey.ts';
import { aWorkspace } from '../support/keys.ts';

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({});
});
afterAll(() => journey.stack.stop());

const videos = '/video/generations';
type Standing = { data: { status: string; queue_position?: number } };

/** A client of another workspace. */
const someoneElse = async (): Promise<OpenAI> => {
  const { cloud, url } = journey.stack;
  const apiKey = newApiKey();
  const details = { name: 'other', workspaceId: 'ws_other', createdAtMs: Date.now() };
  await createWorkspaceStore(cloud.table).create(aWorkspace({ id: 'ws_other' }));
  await createKeyStore(cloud.table).create(describeApiKey(apiKey, details));
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
};

const order = async (client: OpenAI): Promise<string> => {
  const body = { model: 'kling/kling-v2-6', prompt: 'a boat' };
  return (await client.post<SubmitAnswer>(videos, { body })).id;
};
const standing = async (client: OpenAI, taskId: string) =>
  (await client.get<Standing>(`${videos}/${taskId}`)).data;
const reaches = (client: OpenAI, taskId: string, expected: Partial<Standing['data']>) =>
  vi.waitFor(async () => expect(await standing(client, taskId)).toMatchObject(expected), {
    timeout: 20_000,
    interval: 100,
  });

it('lets the first video of a workspace in before what another has waiting, and says who is next', async () => {
  const { client, stack } = journey;
  stack.kling.behave({ slots: 1, seconds: 2 });
  const other = await someoneElse();
  const rendering = await order(client);
  await vi.waitFor(() => expect(stack.kling.tally(rendering).made).toBe(1), { timeout: 5_000 });
  stack.kling.behave({ seconds: 1 });
  const second = await order(client);
  await reaches(client, second, { status: 'NOT_START', queue_position: 1 });
  const third = await order(client);
  await reaches(client, third, { queue_position: 2 });
  const first = await order(other);
  await reaches(other, first, { queue_position: 2 });
  await reaches(client, third, { queue_position: 3 });

  await reaches(client, third, { status: 'SUCCESS' });
  const asked = stack.kling.requests.map(({ body }) => body);
  const lastAskedFor = (taskId: string) => asked.findLastIndex((body) => body.includes(taskId));
  expect([first, third, second].sort((one, two) => lastAskedFor(one) - lastAskedFor(two))).toEqual([
    second,
    first,
    third,
  ]);
  expect(await standing(other, first)).not.toHaveProperty('queue_position');
});
