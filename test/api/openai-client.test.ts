import OpenAI, { APIError, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aWorkspace } from '../support/keys.ts';
import { patience } from '../support/patience.ts';
import { aPng } from '../support/pictures.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { aClientOf } from '../support/video-clients.ts';

describe('the unmodified openai package', () => {
  let stack: TestStack;
  let client: OpenAI;
  beforeAll(async () => {
    stack = await startTestStack({ variables: { CALLBACK_ALLOW_PRIVATE: 'true' } });
    client = new OpenAI({ apiKey: stack.apiKey, baseURL: `${stack.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => stack.stop());

  const ended = (id: string, asked = client) =>
    vi.waitFor(async () => {
      const video = await asked.videos.retrieve(id);
      expect(video.status).toBe('completed');
      return video;
    }, patience);
  const isMp4 = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('latin1', 4, 8) === 'ftyp';

  it.concurrent('uploads a picture, waits, downloads whole and in part, and deletes', async () => {
    const input_reference = await toFile(aPng({ width: 400, height: 400 }), 'first.png', {
      type: 'image/png',
    });
    const { id } = await client.videos.create({ model: 'kling-v2-6', prompt: 'a heron', input_reference });
    expect(await ended(id)).toMatchObject({ progress: 100, seconds: '5', error: null });
    expect(isMp4(await (await client.videos.downloadContent(id)).arrayBuffer())).toBe(true);
    for (const query of ['', '?redirect=false']) {
      const part = await client.get<Response>(`/videos/${id}/content${query}`, {
        headers: { range: 'bytes=4-7' },
        __binaryResponse: true,
      });
      expect([part.status, await part.text()]).toEqual([206, 'ftyp']);
      const head = await fetch(`${stack.url}/v1/videos/${id}/content${query}`, {
        method: 'HEAD',
        headers: { authorization: `Bearer ${stack.apiKey}` },
      });
      expect([head.status, head.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    }
    expect(await client.videos.delete(id)).toEqual({ id, object: 'video.deleted', deleted: true });
    const gone = await client.videos.retrieve(id).catch((error: unknown) => error);
    expect(gone).toBeInstanceOf(APIError);
    expect(gone).toMatchObject({ status: 404, code: 'task_not_found', param: 'video_id' });
  });

  it.concurrent('lists over pages, both ways, also while it deletes what it sees', async () => {
    const client = await aClientOf({ stack }, aWorkspace({ id: 'ws_listing' }));
    const made: string[] = [];
    for (const prompt of ['one', 'two', 'three'])
      made.push((await client.videos.create({ model: 'kling-v2-6', prompt })).id);
    await Promise.all(made.map((id) => ended(id, client)));
    const listed = async (order: 'asc' | 'desc') => {
      const ids: string[] = [];
      for await (const { id } of client.videos.list({ limit: 1, order })) ids.push(id);
      return ids;
    };
    expect(await listed('asc')).toEqual(made);
    expect(await listed('desc')).toEqual(made.toReversed());
    for await (const { id } of client.videos.list({ limit: 1 })) await client.videos.delete(id);
    expect(await listed('asc')).toEqual([]);
  });

  it.concurrent('takes a video’s event out of the feed with it, and a cursor goes on working', async () => {
    type Feed = { data: { data: { id: string } }[]; cursor: string };
    const feed = async (after = '') => {
      const { data, cursor } = await client.get<Feed>(`/events?after=${after}`);
      return { ids: data.map((event) => event.data.id), cursor };
    };
    const before = await feed();
    const { id } = await client.videos.create({ model: 'kling-v2-6', prompt: 'to go' });
    const { id: other } = await client.videos.create({ model: 'kling-v2-6', prompt: 'to stay' });
    await Promise.all([ended(id), ended(other)]);
    const { ids, cursor } = await feed();
    expect(ids).toEqual(expect.arrayContaining([id, other]));
    await client.videos.delete(id);
    expect((await feed()).ids).not.toContain(id);
    expect((await feed(before.cursor)).ids).toContain(other);
    expect((await feed(cursor)).ids).not.toContain(id);
  });

  it.concurrent('is told what is wrong with a request in its own error', async () => {
    const refused = await client.videos
      .create({ model: 'kling-v2-6', prompt: 'a heron', seconds: '8' })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused).toMatchObject({ param: 'seconds', code: 'invalid_request' });
  });
});
