import { beforeEach, describe, expect, it } from 'vitest';
import { anEndedTask, anImageTask, aRunningTask } from '../support/a-task.ts';
import { createTestApi, errorOf, foreignKey, ownKey, ownUrl, type TestApi } from '../support/api.ts';

const model = 'kling/kling-v2-6';
const videoId = anEndedTask().id;

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

const own = { workspaceId: 'ws_own' };
const sendDelete = (id: string, key = ownKey) =>
  api.request(`${ownUrl}/v1/videos/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${key}` },
  });
const created = async (response: Response) => {
  const body = (await response.json()) as Record<string, unknown>;
  expect(body, JSON.stringify(body)).toMatchObject({ object: 'video' });
  return body;
};

describe('deleting a video', () => {
  it('takes its log, its pictures and its copy with it', async () => {
    await api.tasks.create(anEndedTask(own));
    const response = await sendDelete(videoId);
    expect(await response.json()).toEqual({ id: videoId, object: 'video.deleted', deleted: true });
    expect(api.deleted.sort()).toEqual(
      [`attempts of ${videoId}`, `inputs of ${videoId}`, videoId.replace('task_', 'result_')].sort(),
    );
    expect((await api.get(`/v1/videos/${videoId}`)).status).toBe(404);
    expect((await api.get(`/v1/video/generations/${videoId}`)).status).toBe(404);
    expect((await sendDelete(videoId)).status, 'a repeat').toBe(200);
  });

  it('is refused while it is rendered, without an SDK’s repeating it', async () => {
    await api.tasks.create(aRunningTask(own));
    const response = await sendDelete(videoId);
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([409, 'false']);
    expect(await errorOf(response)).toMatchObject({ code: 'task_not_deletable', param: 'video_id' });
  });

  it('deletes nothing when its body holds a field', async () => {
    await api.tasks.create(anEndedTask(own));
    const response = await api.request(`${ownUrl}/v1/videos/${videoId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${ownKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ keep_copy: true }),
    });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param: 'keep_copy' });
    expect(api.deleted).toEqual([]);
  });

  it('is no business of another workspace, before and after', async () => {
    await api.tasks.create(anEndedTask(own));
    expect((await sendDelete(videoId, foreignKey)).status).toBe(404);
    await sendDelete(videoId);
    expect((await sendDelete(videoId, foreignKey)).status).toBe(404);
  });

  it('leaves nothing to be made again by a repeat of its request', async () => {
    const key = { 'idempotency-key': 'k1' };
    const body = { model, prompt: 'rain' };
    const { id } = await created(await api.post('/v1/videos', body, key));
    await api.post(`/v1/video/generations/${id}/cancel`);
    expect((await sendDelete(String(id))).status).toBe(200);
    const response = await api.post('/v1/videos', body, key);
    expect(response.status).toBe(410);
    expect(await errorOf(response)).toMatchObject({ code: 'task_deleted' });
    expect(await api.tasks.find(String(id))).toBeUndefined();
  });

  it.each(['task_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'task_1', 'video_123', '%00', 'a'.repeat(3_000)])(
    'is a 404 for what is no task: %.40s',
    async (id) => {
      const response = await sendDelete(id);
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({ code: 'task_not_found', param: 'video_id' });
      expect(api.deleted).toEqual([]);
    },
  );

  it('is no way to remove an image task', async () => {
    await api.tasks.create(anImageTask(own));
    const response = await sendDelete(anImageTask().id);
    expect(response.status).toBe(404);
    expect((await errorOf(response)).message).toContain(`/v1/images/generations/${anImageTask().id}`);
    expect(await api.tasks.find(anImageTask().id)).toBeDefined();
  });
});
