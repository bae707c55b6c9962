import type { AssetStore } from '../../assets/asset-store.ts';
import { videoFileIdOf } from '../../assets/file-id.ts';
import type { AttemptStore } from '../../callbacks/attempt-store.ts';
import { ApiError, doNotRetry } from '../../errors.ts';
import { isEnded } from '../../tasks/task.ts';
import type { TaskStore } from '../../tasks/task-store.ts';
import type { SettleBudget } from '../../usage/settle-budget.ts';
import { readOptionalFields } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { findOwnRemoved, findOwnVideo, videoIdOf } from '../find-task.ts';

type Dependencies = {
  tasks: TaskStore;
  attempts: Pick<AttemptStore, 'deleteAll'>;
  assets: Pick<AssetStore, 'deleteInputs' | 'deleteFile'>;
  settleBudget: SettleBudget;
};

/**
 * `DELETE /v1/videos/{video_id}`: removes a video that has ended, with its delivery log, its pictures and our copy.
 * May be repeated after any failure.
 */
export const createDeleteVideo =
  ({ tasks, attempts, assets, settleBudget }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const id = videoIdOf(c);
    await readOptionalFields(c, []);
    if ((await findOwnRemoved(c, tasks, id)) === undefined) {
      const task = await findOwnVideo(c, tasks);
      if (!isEnded(task)) throw notDeletable();
      // What it cost would be forgotten with it.
      await settleBudget(task);
    }
    await Promise.all([assets.deleteInputs(id), assets.deleteFile(videoFileIdOf(id))]);
    await tasks.remove(id);
    // Last: no attempt is logged any more once the video is gone.
    await attempts.deleteAll(id);
    c.get('log').event('task.deleted', { taskId: id });
    return c.json({ id, object: 'video.deleted', deleted: true });
  };

const notDeletable = (): ApiError =>
  new ApiError(
    'The video has not ended yet, and its provider cannot stop a render. Delete it when it has ended; while its status is queued, POST /v1/video/generations/{task_id}/cancel may still call it off.',
    {
      status: 409,
      code: 'task_not_deletable',
      param: 'video_id',
      headers: doNotRetry,
    },
  );
