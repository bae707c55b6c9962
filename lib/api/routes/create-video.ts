import { toEpochSeconds } from '../../time.ts';
import { type AcceptVideoDependencies, createAcceptVideo } from '../accept-video.ts';
import { readJsonBody } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { wantsEstimate } from '../estimate.ts';
import { createEstimateVideo } from '../estimate-video.ts';
import { setSubmitHeaders } from '../task-headers.ts';

/** `POST /v1/video/generations`: accepts a task at once, or prices it. */
export const createCreateVideo = (dependencies: AcceptVideoDependencies) => {
  const acceptVideo = createAcceptVideo(dependencies);
  const estimateVideo = createEstimateVideo(dependencies);

  return async (c: ApiContext): Promise<Response> => {
    const body = await readJsonBody(c);
    if (wantsEstimate(c)) return estimateVideo(c, body);
    const { task, video } = await acceptVideo(c, body);
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
