import type { AcceptVideoDependencies } from '../accept-video.ts';
import { readJsonBody } from '../body/read-body.ts';
import { submitAnswer } from '../task-envelope.ts';
import { createVideoRoute } from '../video-route.ts';

/** `POST /v1/video/generations`: accepts a task at once, or prices it. */
export const createCreateVideo = (dependencies: AcceptVideoDependencies) =>
  createVideoRoute(dependencies, {
    read: (c) => readJsonBody(c),
    answer: ({ task, video }) => submitAnswer(task, video.warnings),
  });
