import type { AssetStore } from '../../assets/asset-store.ts';
import { ApiError } from '../../errors.ts';
import { warningsOn } from '../../images/notes.ts';
import type { NotMade } from '../../images/outcome.ts';
import { storeImages } from '../../images/store-images.ts';
import type { ApiContext } from '../context.ts';
import { markReplay } from '../replay.ts';
import { type AnswerImagesDependencies, createAnswerImages } from './answer-images.ts';
import { failureAnswer } from './failure-answer.ts';
import { costHeader, servedByHeaders } from './image-headers.ts';
import type { EndedRequest, ImageAnswer } from './kept-answers.ts';
import { createMakeOnce, type MakeOnceDependencies } from './make-once.ts';
import { createPrepareImages, type Generated, type PrepareImagesDependencies } from './prepare-images.ts';
import type { ImageOrder } from './read-image-order.ts';
import { describeImages } from './write-images.ts';

export type MakeWhileWaitingDependencies = PrepareImagesDependencies &
  MakeOnceDependencies &
  AnswerImagesDependencies & { assets: Pick<AssetStore, 'putImage'> };

/** Makes images while their caller waits. `left to a task`: one of the same `Idempotency-Key` makes them. */
export const createMakeWhileWaiting = (dependencies: MakeWhileWaitingDependencies) => {
  const { assets } = dependencies;
  const prepare = createPrepareImages(dependencies);
  const makeOnce = createMakeOnce(dependencies);
  const answers = createAnswerImages(dependencies);

  const answerWithBytes = (c: ApiContext, order: ImageOrder, making: Generated): Response => {
    const { images } = making.made;
    return answers.withBytes(c, images, describe(order, making, images.length));
  };

  const store = async (
    c: ApiContext,
    order: ImageOrder,
    making: Generated,
    kind: 'file' | 'result',
  ): Promise<ImageAnswer | NotMade> => {
    const stored = await storeImages(making, { assets, kind, log: c.get('log') });
    if (stored.status === 'not-made') return stored;
    const images = stored.kept.map(({ fileId, revisedPrompt }) => ({
      fileId,
      ...(revisedPrompt !== undefined && { revisedPrompt }),
    }));
    return { format: order.input.format, images, ...describe(order, making, images.length) };
  };

  /** For a request that nobody can repeat: nothing is kept but what links lead to. */
  const makeUnnamed = async (c: ApiContext, order: ImageOrder): Promise<Response> => {
    const generate = await prepare(c, order);
    const making = await generate();
    if (making.status === 'not-made') throw failureAnswer(making);
    if (order.input.format === 'b64_json') return answerWithBytes(c, order, making);
    const stored = await store(c, order, making, 'file');
    if ('status' in stored) throw failureAnswer(stored);
    return answers.withStored(c, stored);
  };

  const makeNamed = async (c: ApiContext, order: ImageOrder): Promise<Response | 'left to a task'> => {
    const { name, requestHash, input } = order;
    await name.announce();
    let made: Generated | undefined;
    const request = { id: name.taskId, requestHash, model: input.model };
    const once = await makeOnce(request, async () => {
      const generate = await prepare(c, order);
      return async () => {
        const making = await generate();
        if (making.status === 'not-made') return failedRequest(requestHash, making);
        made = making;
        const stored = await store(c, order, making, 'result');
        if ('status' in stored) return failedRequest(requestHash, stored);
        return { state: 'made', requestHash, answer: stored };
      };
    });
    if (once === 'left to a task') return once;
    const { ended, isReplay } = once;
    if (isReplay) markReplay(c);
    // Bytes that are at hand are the answer also where they could not be stored.
    if (made !== undefined && input.format === 'b64_json') return answerWithBytes(c, order, made);
    if (ended.state === 'failed') throw new ApiError(ended.failure.message, ended.failure);
    return answers.withStored(c, ended.answer);
  };

  return (c: ApiContext, order: ImageOrder): Promise<Response | 'left to a task'> =>
    order.name.isRepeatable ? makeNamed(c, order) : makeUnnamed(c, order);
};

/** What an answer says beside its images; `count`: how many it has. */
const describe = (
  { input }: ImageOrder,
  { createdAtSeconds, cost, ...making }: Generated,
  count: number,
) => ({
  created: createdAtSeconds,
  described: describeImages(making.made, cost),
  warnings: warningsOn(making, { count, ...input }),
  headers: { ...servedByHeaders(making.candidate, input.chain !== undefined), ...costHeader(cost) },
});

const failedRequest = (requestHash: string, notMade: NotMade): EndedRequest => {
  const { message, status, code, type, param, headers } = failureAnswer(notMade);
  return {
    state: 'failed',
    requestHash,
    failure: { message, status, code, type, headers, ...(param !== undefined && { param }) },
    mayRepeat: !notMade.mayHaveBeenPaid,
  };
};
