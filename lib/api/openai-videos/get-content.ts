import { invalidRequest } from '../../errors.ts';
import type { ApiContext } from '../context.ts';
import { findOwnVideo } from '../find-task.ts';
import { readQuery } from '../read-query.ts';
import { type ContentDependencies, createAnswerContent } from '../video-content.ts';

/** `GET /v1/videos/{video_id}/content`: the video itself, or the way to it. */
export const createGetOpenAiContent = (dependencies: ContentDependencies) => {
  const answerContent = createAnswerContent(dependencies);

  return async (c: ApiContext): Promise<Response> => {
    const { variant = 'video', redirect } = readQuery(c, ['variant', 'redirect']);
    if (variant !== 'video')
      throw invalidRequest([
        { param: 'variant', message: 'must be video, or left out: nothing else is made.' },
      ]);
    return answerContent(c, await findOwnVideo(c, dependencies.tasks), { redirect, param: 'video_id' });
  };
};
