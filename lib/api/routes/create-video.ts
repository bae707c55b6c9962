import { toEpochSeconds } from '../../time.ts';
import { type AcceptVideoDependencies, createAcceptVideo } from '../accept-video.ts';
import { readJsonBody } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { setSubmitHeaders } from '../task-headers.ts';

/** `POST /v1/video/generations`: accepts a task at once. */
export const createCreateVideo = (dependencies: AcceptVideoDependencies) => {
  const acceptVideo = createAcceptVideo(dependencies);

  return async (c: ApiContext): Promise<Response> => {
    const { task, video } = await acceptVideo(c, await readJsonBody(c));
    setSubmitHeaders(c, task, video);
    return c.json({
      id: task.id,
      task_id: task.id,
      object: 'video',
      model: task.model,
      status: 'queued',
      progress: 0,
      created_at: toEpochSeconds(task.createdAtMs),
      livemode: task.livemode,
      warnings: video.warnings,
    });
  };
};
