import { beforeEach, describe, expect, it } from 'vitest';
import { anEndedTask } from '../support/a-task.ts';
import { createTestApi, errorOf, type TestApi } from '../support/api.ts';

const videoId = anEndedTask().id;
const own = { workspaceId: 'ws_own' };

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});

describe('the list of videos', () => {
  const list = (query: string) => api.get(`/v1/videos?${query}`);

  it.each([
    ['limit=0', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['order=ASC', 'order'],
    ['order=newest', 'order'],
    ['page=2', 'page'],
    ['before=task_1', 'before'],
    ['status=completed', 'status'],
  ])('is refused with ?%s', async (query, param) => {
    const response = await list(query);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_request', param });
  });

  it('says everything that is wrong at once', async () => {
    expect((await errorOf(await list('limit=0&order=up'))).message).toMatch(/limit must .* order must/);
  });

  it.each([
    ['that there is not', 'task_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['that is none', 'video_123'],
    ['of another workspace', videoId],
  ])('is a 404 after a task %s', async (_which, after) => {
    await api.tasks.create(anEndedTask({ workspaceId: 'ws_foreign' }));
    const response = await list(`after=${after}`);
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: 'task_not_found', param: 'after' });
  });

  it('goes on after one that was deleted', async () => {
    await api.tasks.create(anEndedTask(own));
    await api.tasks.remove(videoId);
    const response = await list(`after=${videoId}`);
    expect(await response.json()).toEqual({
      object: 'list',
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
  });
});
