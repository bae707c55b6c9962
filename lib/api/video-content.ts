import type { AssetStore } from '../assets/asset-store.ts';
import { videoFileIdOf } from '../assets/file-id.ts';
import type { OpenResult } from '../assets/open-result.ts';
import { drawIfClip } from '../assets/sandbox-clips.ts';
import { ApiError, doNotRetry } from '../errors.ts';
import { isEnded, type Task } from '../tasks/task.ts';
import { resultUrlOf } from '../tasks/task-data.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { ApiContext } from './context.ts';
import { readRedirect, serveFile } from './serve-file.ts';

export type ContentDependencies = {
  tasks: TaskStore;
  assets: Pick<AssetStore, 'openFile' | 'putVideo'>;
  openResult: OpenResult;
};

type Asked = {
  /** `false`: the bytes themselves. */
  redirect: string | undefined;
  /** How the caller names the task. */
  param: string;
};

/**
 * Sends the caller on to a task's video, or sends its bytes to those who cannot follow: `redirect=false`, and OpenAI's client
 * for Go, which takes its key to no other origin.
 */
export const createAnswerContent =
  ({ assets, openResult }: ContentDependencies) =>
  async (c: ApiContext, task: Task, { param, ...asked }: Asked): Promise<Response> => {
    const redirect = readRedirect(asked.redirect);
    const url = resultUrlOf(task);
    if (url === undefined) throw noContent(task, param);
    const follows = redirect !== 'false' && c.req.header('x-stainless-lang') !== 'go';
    if (follows) return c.redirect(url, 302);
    const fileId = ownFileOf(task, url);
    if (fileId !== undefined) {
      await drawIfClip(fileId, assets);
      return serveFile(c, (options) => assets.openFile(fileId, options));
    }
    return serveFile(c, (options) =>
      openResult(url, options).catch((error: unknown) => {
        throw notGiven(error);
      }),
    );
  };

/** Our copy of a video, or what the sandbox has made of one; `undefined` where it lies with its provider. */
const ownFileOf = ({ id, livemode }: Task, url: string): string | undefined => {
  const [, fileId] = /^\/files\/(\w+)$/.exec(new URL(url).pathname) ?? [];
  return !livemode || fileId === videoFileIdOf(id) ? fileId : undefined;
};

const noContent = (task: Task, param: string): ApiError =>
  new ApiError(
    isEnded(task) && task.result.status === 'FAILURE'
      ? `The task failed, so there is no video: ${task.result.reason}`
      : 'The video is not ready yet. Ask for the task until it has ended, or give a callback_url.',
    {
      status: isEnded(task) ? 404 : 409,
      code: 'result_not_ready',
      param,
      headers: doNotRetry,
    },
  );

const notGiven = (cause: unknown): ApiError =>
  new ApiError(
    'The provider’s storage did not give the video. Try again, or follow result_url of the task.',
    {
      status: 502,
      code: 'upstream_error',
      type: 'upstream_error',
      cause,
    },
  );
