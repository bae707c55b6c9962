import type { AcceptVideoDependencies } from '../accept-video.ts';
import { readJsonBody } from '../body/read-body.ts';
import { createSubmitVideo } from '../submit-video.ts';
import { submitAnswer } from '../task-envelope.ts';

/** `POST /v1/video/generations`: accepts a task at once, or prices it. */
export const createCreateVideo = (dependencies: AcceptVideoDependencies) =>
  createSubmitVideo(dependencies, {
    read: (c) => readJsonBody(c),
    answer: ({ task, video }) => submitAnswer(task, video.warnings),
  });
