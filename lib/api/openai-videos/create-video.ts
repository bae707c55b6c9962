import type { AcceptVideoDependencies } from '../accept-video.ts';
import { readFormOrJsonBody } from '../body/read-form.ts';
import { createVideoRoute } from '../video-route.ts';
import { acceptedVideo } from './video-object.ts';

/** `POST /v1/videos`: accepts a task at once, or prices it, from a form or from JSON. */
export const createCreateOpenAiVideo = (dependencies: AcceptVideoDependencies) =>
  createVideoRoute(dependencies, {
    read: readFormOrJsonBody,
    answer: ({ task }, { prompt }) => acceptedVideo(task, typeof prompt === 'string' ? prompt : null),
  });
