import type { JsonObject } from '../json.ts';
import { type AcceptedVideo, type AcceptVideoDependencies, createAcceptVideo } from './accept-video.ts';
import type { ApiContext } from './context.ts';
import { answerEstimate, wantsEstimate } from './estimate.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { createReadVideo } from './requested-video.ts';
import { setSubmitHeaders } from './task-headers.ts';

type Dialect = {
  read(c: ApiContext): Promise<JsonObject>;
  answer(accepted: AcceptedVideo, body: JsonObject): object;
};

/** Accepts a video in one of the dialects; or prices it as it would be accepted, and does nothing else. */
export const createVideoRoute = (dependencies: AcceptVideoDependencies, { read, answer }: Dialect) => {
  const acceptVideo = createAcceptVideo(dependencies);
  const readVideo = createReadVideo(dependencies);

  const price = (c: ApiContext, body: JsonObject): Response => {
    const video = readVideo(c, body);
    readIdempotencyKey(c);
    const { requested, serving, estimate, warnings } = video;
    setSubmitHeaders(c, { model: requested.id, resolvedModel: serving.id }, video);
    return answerEstimate(c, estimate, { model: requested.id, warnings });
  };

  return async (c: ApiContext): Promise<Response> => {
    const body = await read(c);
    if (wantsEstimate(c)) return price(c, body);
    const accepted = await acceptVideo(c, body);
    setSubmitHeaders(c, accepted.task, accepted.video);
    return c.json(answer(accepted, body));
  };
};
