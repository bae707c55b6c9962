import type { AssetStore } from '../../assets/asset-store.ts';
import { ApiError } from '../../errors.ts';
import { notesOn, warningsOn } from '../../images/notes.ts';
import type { NotMade } from '../../images/outcome.ts';
import { storeImages } from '../../images/store-images.ts';
import type { RateLimiter } from '../../keys/rate-limit.ts';
import type { ProviderSets } from '../../providers/configured.ts';
import { newTaskId } from '../../tasks/task-id.ts';
import { estimateImages } from '../../usage/estimate.ts';
import { expectImages } from '../../usage/expected-cost.ts';
import type { Ledger } from '../../usage/ledger.ts';
import type { PriceList } from '../../usage/price-list.ts';
import type { ApiContext } from '../context.ts';
import { answerEstimate, wantsEstimate } from '../estimate.ts';
import type { FirstAttempts } from '../first-attempts.ts';
import {
  createHoldBudget,
  type Expected,
  type HeldBudget,
  type HoldBudgetDependencies,
} from '../hold-budget.ts';
import { setIgnoredFields } from '../ignored-fields.ts';
import {
  type AcceptImagesDependencies,
  callbackFor,
  createAcceptImages,
  wantsTask,
} from '../images/accept-images.ts';
import { type AnswerImagesDependencies, createAnswerImages } from '../images/answer-images.ts';
import { createBookAndGenerate, type Generate, type Generated } from '../images/book-and-generate.ts';
import { failureAnswer } from '../images/failure-answer.ts';
import { costHeader, servedByHeaders, setHeaders, setWarnings } from '../images/image-headers.ts';
import type { EndedRequest } from '../images/kept-answers.ts';
import { createMakeOnce, type MakeOnceDependencies } from '../images/make-once.ts';
import { createReadImageOrder, type ImageOrder } from '../images/read-image-order.ts';
import { spendOn } from '../images/spend-on.ts';
import { describeImages } from '../images/write-images.ts';
import { rateLimited } from '../middleware.ts';
import { markReplay } from '../replay.ts';

type Dependencies = AcceptImagesDependencies &
  MakeOnceDependencies &
  AnswerImagesDependencies &
  HoldBudgetDependencies & {
    providers: ProviderSets;
    assets: Pick<AssetStore, 'putImage'>;
    prices: Pick<PriceList, 'of'>;
    ledger: Pick<Ledger, 'put'>;
    firstAttempts: FirstAttempts;
    limiter: RateLimiter;
    settings: { createsPerMinute: number };
  };

/** `POST /v1/images/generations`: makes images while the caller waits, or accepts them as a task. */
export const createCreateImage = (dependencies: Dependencies) => {
  const { assets, keptAnswers, limiter, now, settings } = dependencies;
  const makeOnce = createMakeOnce(dependencies);
  const readOrder = createReadImageOrder(dependencies);
  const bookAndGenerate = createBookAndGenerate(dependencies);
  const answers = createAnswerImages(dependencies);

  const takePermit = async (c: ApiContext): Promise<{ giveBack: () => void }> => {
    const workspace = c.get('workspace');
    const limit = workspace.rateLimitPerMinute ?? settings.createsPerMinute;
    const permit = await limiter.take(workspace.id, 'create', limit);
    if (!permit.allowed) throw rateLimited(limit, permit.retryAfterSeconds);
    return permit;
  };

  const holdBudgetFor = createHoldBudget(dependencies);
  const holdBudget = (
    c: ApiContext,
    { input, candidates }: ImageOrder,
    held: Pick<Expected, 'taskId' | 'acceptedAtMs'>,
  ): Promise<HeldBudget | undefined> =>
    holdBudgetFor(c.get('workspace'), {
      ...held,
      estimate: expectImages(dependencies.prices, candidates, input.request.n),
    });

  const acceptImages = createAcceptImages(dependencies, { takePermit, holdBudget });

  const describe = ({ input }: ImageOrder, making: Generated, count: number) => ({
    created: making.createdAtSeconds,
    described: describeImages(making.made, making.cost),
    warnings: warningsOn(making, { count, ...input }),
  });

  const headersFor = ({ input }: ImageOrder, { candidate, cost }: Generated): Record<string, string> => ({
    ...servedByHeaders(candidate, input.chain !== undefined),
    ...costHeader(cost),
  });

  const answerWithBytes = (c: ApiContext, order: ImageOrder, making: Generated): Response => {
    const { images } = making.made;
    setHeaders(c, headersFor(order, making));
    return answers.withBytes(c, images, describe(order, making, images.length));
  };

  /** All that may refuse a request, or fail by a fault of ours, before its provider is asked. */
  const prepare = async (c: ApiContext, order: ImageOrder): Promise<Generate> => {
    const acceptedAtMs = now();
    await takePermit(c);
    // Under a name of its own: a task of the same `Idempotency-Key` may hold something as well.
    const held = await holdBudget(c, order, { taskId: newTaskId(), acceptedAtMs });
    const generate = await bookAndGenerate(c, order, acceptedAtMs).catch(async (error: unknown) => {
      await held?.settle(0);
      throw error;
    });
    return () => spendOn(held, generate, c.get('log'));
  };

  /** For a request that nobody can repeat: nothing is kept but what links lead to. */
  const makeUnnamed = async (c: ApiContext, order: ImageOrder): Promise<Response> => {
    const generate = await prepare(c, order);
    const making = await generate();
    if (making.status === 'not-made') throw failureAnswer(making);
    if (order.input.format === 'b64_json') return answerWithBytes(c, order, making);
    const stored = await storeImages(making, { assets, kind: 'file', log: c.get('log') });
    if (stored.status === 'not-made') throw failureAnswer(stored);
    const { kept } = stored;
    setHeaders(c, headersFor(order, making));
    return answers.withLinks(c, { images: kept, ...describe(order, making, kept.length) });
  };

  /** Makes and stores the images of a request that may come again; what was made is at hand for the first answer. */
  const makeForRepeats = async (
    c: ApiContext,
    order: ImageOrder,
    generate: Generate,
    atHand: (making: Generated) => void,
  ): Promise<EndedRequest> => {
    const { requestHash, input } = order;
    const making = await generate();
    if (making.status === 'not-made') return failedRequest(requestHash, making);
    atHand(making);
    const stored = await storeImages(making, { assets, kind: 'result', log: c.get('log') });
    if (stored.status === 'not-made') return failedRequest(requestHash, stored);
    const images = stored.kept.map(({ fileId, revisedPrompt }) => ({
      fileId,
      ...(revisedPrompt !== undefined && { revisedPrompt }),
    }));
    const headers = headersFor(order, making);
    const described = describe(order, making, images.length);
    return { state: 'made', requestHash, answer: { format: input.format, images, headers, ...described } };
  };

  const accept = async (c: ApiContext, order: ImageOrder): Promise<Response> => {
    const answer = await acceptImages(c, order);
    return answer === 'waited for' ? makeNamed(c, order) : answer;
  };

  const makeNamed = async (c: ApiContext, order: ImageOrder): Promise<Response> => {
    const { name, requestHash, input } = order;
    await name.announce();
    let made: Generated | undefined;
    const request = { id: name.taskId, requestHash, model: input.model };
    const once = await makeOnce(request, async () => {
      const generate = await prepare(c, order);
      return () =>
        makeForRepeats(c, order, generate, (making) => {
          made = making;
        });
    });
    if (once === 'left to a task') return accept(c, order);
    const { ended, isReplay } = once;
    if (isReplay) markReplay(c);
    if (made !== undefined && input.format === 'b64_json') return answerWithBytes(c, order, made);
    if (ended.state === 'failed') throw new ApiError(ended.failure.message, ended.failure);
    return answers.again(c, ended.answer);
  };

  /** Whether the request is to become a task, unless it repeats one that was waited for. */
  const isForTask = async (c: ApiContext, { name, input }: ImageOrder): Promise<boolean> => {
    if (!wantsTask(c, input)) return false;
    const known = name.mayExist ? await keptAnswers.find(name.taskId) : undefined;
    return known === undefined || known.state === 'task';
  };

  const estimate = (c: ApiContext, { input, candidates }: ImageOrder): Response => {
    if (wantsTask(c, input)) callbackFor(c, input, settings);
    const first = candidates.find(({ plan }) => plan.possible) ?? candidates[0];
    setHeaders(c, servedByHeaders(first, false));
    const warnings = notesOn(first, input.notes);
    setWarnings(c, warnings);
    const estimated = estimateImages(dependencies.prices, first, input.request.n);
    return answerEstimate(c, estimated, { model: first.requested.id, warnings });
  };

  return async (c: ApiContext): Promise<Response> => {
    const order = await readOrder(c);
    setIgnoredFields(c, 'x-clear-ignored-fields', order.input.ignored);
    if (wantsEstimate(c)) return estimate(c, order);
    if (await isForTask(c, order)) return accept(c, order);
    return order.name.isRepeatable ? makeNamed(c, order) : makeUnnamed(c, order);
  };
};

const failedRequest = (requestHash: string, notMade: NotMade): EndedRequest => {
  const { message, status, code, type, param, headers } = failureAnswer(notMade);
  return {
    state: 'failed',
    requestHash,
    failure: { message, status, code, type, headers, ...(param !== undefined && { param }) },
    mayRepeat: !notMade.mayHaveBeenPaid,
  };
};
