import type { JsonObject } from '../json.ts';
import type { ApiContext } from './context.ts';
import { answerEstimate } from './estimate.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { createReadVideo, type ReadVideoDependencies } from './requested-video.ts';
import { setSubmitHeaders } from './task-headers.ts';

/** Prices a video that is asked for as it would be accepted, and does nothing else. */
export const createEstimateVideo = (dependencies: ReadVideoDependencies) => {
  const readVideo = createReadVideo(dependencies);

  return (c: ApiContext, body: JsonObject): Response => {
    const video = readVideo(c, body);
    readIdempotencyKey(c);
    const { requested, serving, estimate, warnings } = video;
    setSubmitHeaders(c, { model: requested.id, resolvedModel: serving.id }, video);
    return answerEstimate(c, estimate, { model: requested.id, warnings });
  };
};
