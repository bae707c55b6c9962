import { notesOn } from '../../images/notes.ts';
import { estimateImages } from '../../usage/estimate.ts';
import type { ApiContext } from '../context.ts';
import { answerEstimate, wantsEstimate } from '../estimate.ts';
import type { FirstAttempts } from '../first-attempts.ts';
import { setIgnoredFields } from '../ignored-fields.ts';
import {
  type AcceptImagesDependencies,
  callbackFor,
  createAcceptImages,
  wantsTask,
} from '../images/accept-images.ts';
import { servedByHeaders, setHeaders, setWarnings } from '../images/image-headers.ts';
import { createMakeWhileWaiting, type MakeWhileWaitingDependencies } from '../images/make-while-waiting.ts';
import { createReadImageOrder, type ImageOrder } from '../images/read-image-order.ts';

type Dependencies = AcceptImagesDependencies &
  MakeWhileWaitingDependencies & { firstAttempts: FirstAttempts };

type Way = 'waited for' | 'left to a task';

/** `POST /v1/images/generations`: makes images while the caller waits, or accepts them as a task. */
export const createCreateImage = (dependencies: Dependencies) => {
  const { prices, settings } = dependencies;
  const readOrder = createReadImageOrder(dependencies);
  const makeWhileWaiting = createMakeWhileWaiting(dependencies);
  const acceptImages = createAcceptImages(dependencies);

  /** Of requests with one key the first decides the way. One that set out on the other is told so, and turns. */
  const answerBy = async (way: Way, c: ApiContext, order: ImageOrder): Promise<Response> => {
    const answer = await (way === 'waited for' ? makeWhileWaiting(c, order) : acceptImages(c, order));
    return typeof answer === 'string' ? answerBy(answer, c, order) : answer;
  };

  const estimate = (c: ApiContext, { input, candidates }: ImageOrder): Response => {
    if (wantsTask(c, input)) callbackFor(c, input, settings);
    const first = candidates.find(({ plan }) => plan.possible) ?? candidates[0];
    setHeaders(c, servedByHeaders(first, false));
    const warnings = notesOn(first, input.notes);
    setWarnings(c, warnings);
    const estimated = estimateImages(prices, first, input.request.n);
    return answerEstimate(c, estimated, { model: first.requested.id, warnings });
  };

  return async (c: ApiContext): Promise<Response> => {
    const order = await readOrder(c);
    setIgnoredFields(c, 'x-clear-ignored-fields', order.input.ignored);
    if (wantsEstimate(c)) return estimate(c, order);
    return answerBy(wantsTask(c, order.input) ? 'left to a task' : 'waited for', c, order);
  };
};
