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
type Standing = { status: string; queue_position?: number };

/** A client whose workspace may have so many videos in flight. */
const aClient = async (maxInFlight: number): Promise<OpenAI> => {
  const { cloud, url } = journey.stack;
  const apiKey = newApiKey();
  const details = { name: 'limited', workspaceId: 'ws_limited', createdAtMs: Date.now() };
  await createWorkspaceStore(cloud.table).create(aWorkspace({ id: 'ws_limited', maxInFlight }));
  await createKeyStore(cloud.table).create(describeApiKey(apiKey, details));
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
};

const order = async (client: OpenAI): Promise<string> => {
  const body = { model: 'kling/kling-v2-6', prompt: 'a boat' };
  return (await client.post<SubmitAnswer>(videos, { body })).id;
};

const standing = async (client: OpenAI, taskId: string) =>
  (await client.get<{ data: Standing }>(`${videos}/${taskId}`)).data;

it('makes five videos of a workspace that may have two in flight, two at a time', async () => {
  const client = await aClient(2);
  const { kling } = journey.stack;
  // A third at the same time would be refused, and so asked for twice.
  kling.behave({ slots: 2, seconds: 3 });
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.push(await order(client));
  const standings = () => Promise.all(ids.map((id) => standing(client, id)));

  await vi.waitFor(
    async () => {
      const positions = (await standings()).map(({ queue_position }) => queue_position ?? 0);
      expect(positions.sort()).toEqual([0, 0, 1, 2, 3]);
    },
    { timeout: 10_000, interval: 50 },
  );
  await vi.waitFor(
    async () => expect((await standings()).map(({ status }) => status)).toEqual(ids.map(() => 'SUCCESS')),
    { timeout: 25_000, interval: 100 },
  );
  expect(ids.map((id) => kling.tally(id))).toEqual(ids.map(() => ({ asked: 1, made: 1 })));
});
