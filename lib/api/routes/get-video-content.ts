import type { ApiContext } from '../context.ts';
import { findOwnTask } from '../find-task.ts';
import { readQuery } from '../read-query.ts';
import { type ContentDependencies, createAnswerContent } from '../video-content.ts';

/** `GET /v1/video/generations/{task_id}/content`: sends the caller on to the video, or with `redirect=false` the video. */
export const createGetVideoContent = (dependencies: ContentDependencies) => {
  const answerContent = createAnswerContent(dependencies);

  return async (c: ApiContext): Promise<Response> => {
    const { redirect } = readQuery(c, ['redirect']);
    const task = await findOwnTask(c, dependencies.tasks);
    return answerContent(c, task, { redirect, param: 'task_id' });
  };
};
