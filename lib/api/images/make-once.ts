import { ApiError } from '../../errors.ts';
import type { Log } from '../../observability/log.ts';
import { type Clock, secondMs } from '../../time.ts';
import { requireSameRequest } from '../replay.ts';
import { failureAnswer } from './failure-answer.ts';
import {
  type Claim,
  type EndedRequest,
  type KeptAnswers,
  type KeptRequest,
  makingLeaseMs,
} from './kept-answers.ts';

/** Node's fetch gives a server up that has sent nothing for 5 minutes. */
const maxWaitMs = 285 * secondMs;
const pauseMs = secondMs / 2;

export type MakeOnceDependencies = {
  keptAnswers: KeptAnswers;
  now: Clock;
  log: Log;
  pause: (ms: number) => Promise<void>;
};

type NamedRequest = { id: string; requestHash: string; model: string };
/** What was made, and whether it was made just now. */
type Once = { ended: EndedRequest; isReplay: boolean };
type Settled = Exclude<KeptRequest, { state: 'making' }>;

/** Asks for the images. What is in the way before that is thrown by whoever prepares it: then nothing was asked for. */
type MakeImages = () => Promise<EndedRequest>;
type Prepare = () => Promise<MakeImages>;

/** Makes the images of a request once, however often it is sent: repeats wait for the first and get its answer. */
export const createMakeOnce = ({ keptAnswers, now, log, pause }: MakeOnceDependencies) => {
  const make = async (claim: Claim, prepare: Prepare): Promise<EndedRequest> => {
    const renewal = setInterval(() => void keptAnswers.renewLease(claim).catch(() => {}), makingLeaseMs / 3);
    try {
      const makeImages = await prepare().catch(async (error: unknown) => {
        await keptAnswers.forget(claim);
        throw error;
      });
      return await makeImages();
    } finally {
      clearInterval(renewal);
    }
  };

  /** What was made must reach its caller, also where it cannot be kept for repeats. */
  const keep = (claim: Claim, ended: EndedRequest): Promise<void> =>
    keptAnswers
      .keep(claim, ended)
      .catch((error: unknown) => log.event('images.not-kept', { requestId: claim.id, error }));

  const waitForEnd = async (
    { id, model }: NamedRequest,
    seen: KeptRequest,
  ): Promise<Settled | 'forgotten'> => {
    let current: KeptRequest | undefined = seen;
    for (let waits = maxWaitMs / pauseMs; waits > 0; waits -= 1) {
      if (current === undefined) return 'forgotten';
      if (current.state !== 'making') return current;
      if (current.leaseUntilMs <= now()) throw lost(model);
      await pause(pauseMs);
      current = await keptAnswers.find(id);
    }
    throw stillInProgress();
  };

  const makeOnce = async (request: NamedRequest, prepare: Prepare): Promise<Once | 'left to a task'> => {
    const { id, requestHash } = request;
    const begun = await keptAnswers.begin(id, requestHash);
    if ('state' in begun) {
      requireSameRequest(begun.requestHash, requestHash);
      const ended = await waitForEnd(request, begun);
      if (ended === 'forgotten') return makeOnce(request, prepare);
      return ended.state === 'task' ? 'left to a task' : { ended, isReplay: true };
    }
    const ended = await make(begun, prepare);
    await keep(begun, ended);
    return { ended, isReplay: false };
  };

  return makeOnce;
};

const stillInProgress = (): ApiError =>
  new ApiError(
    'The same request is still being worked on. Repeat it with the same Idempotency-Key to get its answer; nothing is made twice.',
    { status: 409, code: 'request_in_progress', headers: { 'retry-after': '30' } },
  );

/** Whoever made the images has crashed, perhaps after they were ordered. */
const lost = (model: string): ApiError =>
  failureAnswer({
    status: 'not-made',
    model,
    failure: { status: 'unclear', detail: 'the request that made them ended without an answer' },
    mayHaveBeenPaid: true,
  });
