import type { AssetStore } from '../../assets/asset-store.ts';
import { ApiError, invalidRequest } from '../../errors.ts';
import { type Candidate, candidateFor, chainCandidates } from '../../images/candidates.ts';
import { generateImages } from '../../images/generate-images.ts';
import { lifecycleNotes, missingNote } from '../../images/notes.ts';
import type { Making, NotMade } from '../../images/outcome.ts';
import { storeImages } from '../../images/store-images.ts';
import type { RateLimiter } from '../../keys/rate-limit.ts';
import { chosenBy, type ProviderSet, type ProviderSets } from '../../providers/configured.ts';
import type { ImageRequest } from '../../providers/image-provider.ts';
import type { TaskCost } from '../../tasks/task-money.ts';
import { toEpochSeconds } from '../../time.ts';
import { createBookRequest } from '../../usage/book-request.ts';
import { estimateImages } from '../../usage/estimate.ts';
import { expectImages } from '../../usage/expected-cost.ts';
import type { Ledger } from '../../usage/ledger.ts';
import { createMakingCost } from '../../usage/making-cost.ts';
import type { PriceList } from '../../usage/price-list.ts';
import { readJsonBody } from '../body/read-body.ts';
import { createHoldBudget, type HeldBudget, type HoldBudgetDependencies } from '../budget.ts';
import { fingerprint } from '../canonical-json.ts';
import type { ApiContext } from '../context.ts';
import { answerEstimate, wantsEstimate } from '../estimate.ts';
import type { FirstAttempts } from '../first-attempts.ts';
import { setIgnoredFields } from '../ignored-fields.ts';
import {
  type AcceptImagesDependencies,
  callbackFor,
  createAcceptImages,
  type ImageOrder,
  wantsTask,
} from '../images/accept-images.ts';
import { type AnswerImagesDependencies, createAnswerImages } from '../images/answer-images.ts';
import { failureAnswer } from '../images/failure-answer.ts';
import { readImageBody } from '../images/image-body.ts';
import { costHeader, servedByHeaders, setHeaders } from '../images/image-headers.ts';
import type { EndedRequest } from '../images/kept-answers.ts';
import { createMakeOnce, type MakeOnceDependencies } from '../images/make-once.ts';
import { spendOn } from '../images/spend-on.ts';
import { describeImages } from '../images/write-images.ts';
import { rateLimited } from '../middleware.ts';
import { markReplay } from '../replay.ts';
import { servingModel, unavailableModel } from '../serving-model.ts';
import { nameTask } from '../task-name.ts';

export type CreateImageDependencies = AcceptImagesDependencies &
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

const route = 'image';

/** `createdAtSeconds`: one time for the first answer and for all that repeat it. */
type Generated = Making & { cost: TaskCost; createdAtSeconds: number };

/** `POST /v1/images/generations`: makes images while the caller waits, or accepts them as a task. */
export const createCreateImage = (dependencies: CreateImageDependencies) => {
  const { providers, tasks, assets, firstAttempts, keptAnswers, limiter, now, settings } = dependencies;
  const acceptImages = createAcceptImages(dependencies);
  const makeOnce = createMakeOnce(dependencies);
  const costOf = createMakingCost(dependencies.prices);
  const bookRequest = createBookRequest(dependencies.ledger);
  const answers = createAnswerImages(dependencies);

  const readOrder = async (c: ApiContext): Promise<ImageOrder> => {
    const body = await readJsonBody(c);
    const served = chosenBy(providers, c.get('workspace'));
    const { registry, imageProviders } = served;
    const input = readImageBody(registry, body);
    const options = { registry, providers: imageProviders, request: input.request, nowMs: now() };
    const [primary, ...others] = chainCandidates(input.chain ?? [], options);
    const first = primary ?? soleCandidate(served, input.chain?.[0] ?? input.model, input.request);
    if (!first.plan.possible && others.length === 0) throw invalidRequest(first.plan.problems);
    const requestHash = fingerprint(body);
    const name = await nameTask(c, { route, requestHash }, firstAttempts);
    return { name, requestHash, input, candidates: [first, ...others] };
  };

  const soleCandidate = (
    { registry, imageProviders }: ProviderSet,
    id: string,
    request: ImageRequest,
  ): Candidate => {
    const candidate = candidateFor(servingModel(registry, id, 'image', now()), {
      providers: imageProviders,
      request,
    });
    if (candidate === undefined) throw unavailableModel(id, 'this gateway has no account with its provider');
    return candidate;
  };

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
    { name, input, candidates }: ImageOrder,
  ): Promise<HeldBudget | undefined> =>
    holdBudgetFor(c.get('workspace'), {
      taskId: name.taskId,
      ...expectImages(dependencies.prices, candidates, input.request.n),
    });

  const describe = ({ made, notes, cost, createdAtSeconds }: Generated, count: number, wanted: number) => ({
    created: createdAtSeconds,
    described: describeImages(made, cost),
    warnings: [...notes, ...missingNote(count, wanted)],
  });

  const generate = async (c: ApiContext, order: ImageOrder): Promise<Generated | NotMade> => {
    const { workspace, keyName, log } = c.var;
    const request = {
      id: order.name.taskId,
      workspaceId: workspace.id,
      createdAtMs: now(),
      livemode: workspace.livemode,
      keyName,
      model: order.candidates[0].serving.id,
    };
    return bookRequest(request, { make: () => ask(c, order), cameTo, log });
  };

  const ask = async (c: ApiContext, { input, candidates }: ImageOrder): Promise<Generated | NotMade> => {
    const { registry } = chosenBy(providers, c.get('workspace'));
    const making = await generateImages(candidates, input.request, { ...registry, log: c.get('log') });
    if (making.status === 'not-made') return making;
    const { candidate } = making;
    c.set('logFields', {
      requestedModel: candidate.requested.id,
      model: candidate.serving.id,
      n: input.request.n,
    });
    return {
      ...making,
      createdAtSeconds: toEpochSeconds(now()),
      cost: costOf(making),
      notes: [...lifecycleNotes(candidate), ...input.notes, ...making.notes],
    };
  };

  const headersFor = ({ input }: ImageOrder, { candidate, cost }: Generated): Record<string, string> => ({
    ...servedByHeaders(candidate, input.chain !== undefined),
    ...costHeader(cost),
  });
  const setServedBy = (c: ApiContext, order: ImageOrder, making: Generated): void =>
    setHeaders(c, headersFor(order, making));

  const answerWithBytes = (c: ApiContext, order: ImageOrder, making: Generated): Response => {
    const { images } = making.made;
    setServedBy(c, order, making);
    return answers.withBytes(c, images, describe(making, images.length, order.input.request.n));
  };

  /** For a request that nobody can repeat: nothing is kept but what links lead to. */
  const makeUnnamed = async (c: ApiContext, order: ImageOrder): Promise<Response> => {
    const { format, request } = order.input;
    await takePermit(c);
    const making = await spendOn(await holdBudget(c, order), () => generate(c, order), c.get('log'));
    if (making.status === 'not-made') throw failureAnswer(making);
    if (format === 'b64_json') return answerWithBytes(c, order, making);
    const stored = await storeImages(making, { assets, kind: 'file', log: c.get('log') });
    if (stored.status === 'not-made') throw failureAnswer(stored);
    const { kept } = stored;
    setServedBy(c, order, making);
    return answers.withLinks(c, { images: kept, ...describe(making, kept.length, request.n) });
  };

  /** Makes and stores the images of a request that may come again; what was made is at hand for the first answer. */
  const makeForRepeats = async (
    c: ApiContext,
    order: ImageOrder,
    held: HeldBudget | undefined,
    atHand: (making: Generated) => void,
  ): Promise<EndedRequest> => {
    const { requestHash, input } = order;
    const making = await spendOn(held, () => generate(c, order), c.get('log'));
    if (making.status === 'not-made') return failedRequest(requestHash, making);
    atHand(making);
    const stored = await storeImages(making, { assets, kind: 'result', log: c.get('log') });
    if (stored.status === 'not-made') return failedRequest(requestHash, stored);
    const images = stored.kept.map(({ fileId, revisedPrompt }) => ({
      fileId,
      ...(revisedPrompt !== undefined && { revisedPrompt }),
    }));
    const headers = headersFor(order, making);
    const described = describe(making, images.length, input.request.n);
    return { state: 'made', requestHash, answer: { format: input.format, images, headers, ...described } };
  };

  /** A request that is refused here is forgotten, so that it may be sent again under the same `Idempotency-Key`. */
  const permitted = async (c: ApiContext, order: ImageOrder): Promise<HeldBudget | undefined> => {
    try {
      await takePermit(c);
      return await holdBudget(c, order);
    } catch (error) {
      await keptAnswers.forget(order.name.taskId);
      throw error;
    }
  };

  const makeNamed = async (c: ApiContext, order: ImageOrder): Promise<Response> => {
    const { name, requestHash, input } = order;
    await name.announce();
    let made: Generated | undefined;
    const request = { id: name.taskId, requestHash, model: input.model };
    const { ended, isReplay } = await makeOnce(request, async () => {
      const held = await permitted(c, order);
      return makeForRepeats(c, order, held, (making) => {
        made = making;
      });
    });
    if (isReplay) markReplay(c);
    if (made !== undefined && input.format === 'b64_json') return answerWithBytes(c, order, made);
    if (ended.state === 'failed') throw new ApiError(ended.failure.message, ended.failure);
    return answers.again(c, ended.answer);
  };

  /** Whether the request is to become a task, or repeats one that did. */
  const isForTask = async (c: ApiContext, { name, input }: ImageOrder): Promise<boolean> => {
    if (!name.mayExist) return wantsTask(c, input);
    if (wantsTask(c, input)) return (await keptAnswers.find(name.taskId)) === undefined;
    return (await tasks.find(name.taskId)) !== undefined;
  };

  const estimate = (c: ApiContext, { input, candidates }: ImageOrder): Response => {
    if (wantsTask(c, input)) callbackFor(c, input, settings);
    const first = candidates.find(({ plan }) => plan.possible) ?? candidates[0];
    setHeaders(c, servedByHeaders(first, false));
    const estimated = estimateImages(dependencies.prices, first, input.request.n);
    return answerEstimate(c, first.requested.id, estimated);
  };

  return async (c: ApiContext): Promise<Response> => {
    const order = await readOrder(c);
    setIgnoredFields(c, 'x-clear-ignored-fields', order.input.ignored);
    if (wantsEstimate(c)) return estimate(c, order);
    if (await isForTask(c, order)) {
      const steps = { takePermit: () => takePermit(c), holdBudget: () => holdBudget(c, order) };
      return acceptImages(c, order, steps);
    }
    return order.name.isRepeatable ? makeNamed(c, order) : makeUnnamed(c, order);
  };
};

/** Nobody knows whether what was not answered clearly was charged. */
const cameTo = (making: Generated | NotMade) =>
  making.status === 'not-made'
    ? { images: 0, microUsd: making.mayHaveBeenPaid ? null : 0 }
    : {
        model: making.candidate.serving.id,
        images: making.made.images.length,
        microUsd: making.cost.microUsd,
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
