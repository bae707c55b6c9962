import { type AcceptVideoDependencies, createAcceptVideo } from '../accept-video.ts';
import { readJsonBody } from '../body/read-body.ts';
import type { ApiContext } from '../context.ts';
import { wantsEstimate } from '../estimate.ts';
import { createEstimateVideo } from '../estimate-video.ts';
import { submitAnswer } from '../task-envelope.ts';
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
    return c.json(submitAnswer(task, video.warnings));
  };
};
