import { type AcceptVideoDependencies, createAcceptVideo } from '../accept-video.ts';
import { readFormOrJsonBody } from '../body/read-form.ts';
import type { ApiContext } from '../context.ts';
import { wantsEstimate } from '../estimate.ts';
import { createEstimateVideo } from '../estimate-video.ts';
import { setSubmitHeaders } from '../task-headers.ts';
import { acceptedVideo } from './video-object.ts';

/** `POST /v1/videos`: accepts a task at once, or prices it, from a form or from JSON. */
export const createCreateOpenAiVideo = (dependencies: AcceptVideoDependencies) => {
  const acceptVideo = createAcceptVideo(dependencies);
  const estimateVideo = createEstimateVideo(dependencies);

  return async (c: ApiContext): Promise<Response> => {
    const body = await readFormOrJsonBody(c);
    if (wantsEstimate(c)) return estimateVideo(c, body);
    const { task, video } = await acceptVideo(c, body);
    setSubmitHeaders(c, task, video);
    const { prompt } = body;
    return c.json(acceptedVideo(task, typeof prompt === 'string' ? prompt : null));
  };
};
