import type { Server } from 'node:http';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamAnswers } from '../../functions/bootstrap/stream-answers.ts';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';
import { createFunctionUrl } from '../../local/function-url.ts';
import { anEndedTask } from '../support/a-task.ts';
import { createTestApi, ownKey } from '../support/api.ts';
import { silentLog } from '../support/silent-log.ts';
import { startVideoStorage, storedVideo, type VideoStorage } from '../support/video-storage.ts';

/** As on AWS: on one machine the gateway itself answers what its links lead to. */
let storage: VideoStorage;
let gateway: Server;
let baseURL: string;
const { id } = anEndedTask();
beforeAll(async () => {
  storage = await startVideoStorage();
  const api = createTestApi();
  const result = { status: 'SUCCESS', url: `${storage.url}/video.mp4?signed=for-get` } as const;
  await api.tasks.create(anEndedTask({ workspaceId: 'ws_own', result }));
  gateway = createFunctionUrl({ handler: streamAnswers(api.app), now: Date.now, log: silentLog });
  baseURL = `http://${loopback}:${await listenOnLoopback(gateway, 0)}/v1`;
});
afterAll(() => Promise.all([stopListening(gateway), storage.stop()]));

describe('a redirect to the content of a video', () => {
  const ask = (init: RequestInit = {}) =>
    fetch(`${baseURL}/videos/${id}/content`, {
      ...init,
      headers: { authorization: `Bearer ${ownKey}`, ...init.headers },
    });

  it('is followed by OpenAI’s client, which leaves its key behind', async () => {
    const client = new OpenAI({ baseURL, apiKey: ownKey, maxRetries: 0 });
    const response = await client.videos.downloadContent(id);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(storedVideo);
    expect(storage.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  it('takes a Range along', async () => {
    const part = await ask({ headers: { range: 'bytes=4-7' } });
    expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
    const beyond = await ask({ headers: { range: 'bytes=1000-2000' } });
    expect(beyond.status).toBe(416);
  });

  it('takes HEAD along', async () => {
    const head = await ask({ method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(storedVideo.length)]);
    expect(storage.requests.at(-1)?.method).toBe('HEAD');
  });

  it('says by itself what is wrong with a request', async () => {
    const before = storage.requests.length;
    expect((await fetch(`${baseURL}/videos/${id}/content`)).status).toBe(401);
    expect(storage.requests).toHaveLength(before);
  });
});
