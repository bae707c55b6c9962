import type { ApiContext } from '../context.ts';
import { findOwnVideo } from '../find-task.ts';
import { positionIfKnown } from '../queue-position.ts';
import type { GetVideoDependencies } from '../routes/get-video.ts';
import { setModelHeader, setPollHeaders } from '../task-headers.ts';
import { videoObject } from './video-object.ts';

/** `GET /v1/videos/{video_id}`: how a video is doing. */
export const createGetOpenAiVideo =
  ({ tasks, queue, now }: GetVideoDependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const task = await findOwnVideo(c, tasks);
    setModelHeader(c, task);
    setPollHeaders(c, task, now(), await positionIfKnown(c, queue, task));
    return c.json(videoObject(task, now()));
  };
