import OpenAI from 'openai';
import { describeApiKey, newApiKey } from '../../lib/keys/api-key.ts';
import { createKeyStore } from '../../lib/keys/key-store.ts';
import type { Workspace } from '../../lib/keys/workspace.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import type { Journey, SubmitAnswer } from './journey.ts';

const videos = '/video/generations';

/** A client of a workspace that it makes. */
export const aClientOf = async ({ stack }: Pick<Journey, 'stack'>, workspace: Workspace): Promise<OpenAI> => {
  const { cloud, url } = stack;
  const apiKey = newApiKey();
  const details = { name: workspace.id, workspaceId: workspace.id, createdAtMs: Date.now() };
  await createWorkspaceStore(cloud.table).create(workspace);
  await createKeyStore(cloud.table).create(describeApiKey(apiKey, details));
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
};

/** Answers the task's id. */
export const orderVideo = async (client: OpenAI): Promise<string> => {
  const body = { model: 'kling/kling-v2-6', prompt: 'a boat' };
  return (await client.post<SubmitAnswer>(videos, { body })).id;
};

export type VideoAnswer = { status: string; queue_position?: number };

export const answerOf = async (client: OpenAI, taskId: string): Promise<VideoAnswer> =>
  (await client.get<{ data: VideoAnswer }>(`${videos}/${taskId}`)).data;
