import { answerOfFailure, imagesLost } from '../api/images/failure-answer.ts';
import type { AssetStore } from '../assets/asset-store.ts';
import { fileLinkPath } from '../assets/file-link.ts';
import { ApiError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ImageRequest } from '../providers/image-provider.ts';
import type { ImageProviders } from '../providers/image-registry.ts';
import type { ImagesOutcome } from '../tasks/image-making.ts';
import type { ImageWork, Task, TaskImage } from '../tasks/task.ts';
import { type Clock, secondMs } from '../time.ts';
import { chainCandidates } from './candidates.ts';
import { makeImages } from './make-images.ts';
import { type KeptImage, storeImages } from './store-images.ts';

export type MakeForTaskDependencies = {
  imageProviders: ImageProviders;
  assets: Pick<AssetStore, 'putImage'>;
  linkSigningKey: string;
  /** Where the links to images lead. */
  publicUrl: string;
  now: Clock;
  log: Log;
};

/** Makes the images of a task as for a caller who waits, with links that work as long as the task is kept. */
export const createMakeForTask = ({
  imageProviders,
  assets,
  linkSigningKey,
  publicUrl,
  now,
  log,
}: MakeForTaskDependencies) => {
  const make = async (work: ImageWork, task: Task): Promise<ImagesOutcome> => {
    // It was put there by the API, which had read and checked it.
    const request = work.request as unknown as ImageRequest;
    const options = { providers: imageProviders, request, nowMs: now() };
    const [first, ...others] = chainCandidates(work.models, options);
    if (first === undefined)
      return {
        status: 'failed',
        reason: `${task.model} can no longer be served here. Choose another model.`,
      };
    const { made, candidate } = await makeImages([first, ...others], request, log);
    const outcome = await storeImages(made, request.n, { assets, kind: 'result', log });
    if ('failure' in outcome) throw answerOfFailure(outcome.failure, task.model);
    if ('storeError' in outcome) throw imagesLost(outcome.storeError);
    const linkOf = ({ fileId, revisedPrompt }: KeptImage): TaskImage => ({
      url: publicUrl + fileLinkPath(fileId, task.expiresAtSeconds * secondMs, linkSigningKey),
      ...(revisedPrompt !== undefined && { revisedPrompt }),
    });
    const [one, ...more] = outcome.kept;
    return { status: 'made', images: [linkOf(one), ...more.map(linkOf)], servedBy: candidate.serving.id };
  };

  return async (work: ImageWork, task: Task): Promise<ImagesOutcome> => {
    try {
      return await make(work, task);
    } catch (error) {
      if (error instanceof ApiError) return outcomeOfError(error);
      throw error;
    }
  };
};

/** What an answer would forbid or advise the caller to repeat, the worker repeats or does not. */
const outcomeOfError = ({ status, message, headers }: ApiError): ImagesOutcome => {
  const isWorthRepeating = (status === 429 || status === 502) && headers['x-should-retry'] !== 'false';
  if (!isWorthRepeating) return { status: 'failed', reason: message };
  const { 'retry-after': retryAfter } = headers;
  return {
    status: 'come-back',
    reason: message,
    ...(retryAfter !== undefined && { afterSeconds: Number(retryAfter) }),
  };
};
