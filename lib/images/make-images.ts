import { answerOfFailure, withoutRepetition } from '../api/images/failure-answer.ts';
import { permitsFallback } from '../api/images/fallback-chain.ts';
import { type ApiError, invalidRequest } from '../errors.ts';
import type { Log } from '../log.ts';
import { findModel } from '../providers/catalogue.ts';
import type { ImageFailure, ImageRequest, MadeImages } from '../providers/image-provider.ts';
import type { Candidate } from './candidates.ts';

/** Who made the images in the end. */
export type Making = { made: MadeImages; candidate: Candidate; notes: readonly string[] };

/**
 * Asks one candidate after the other until one makes images.
 *
 * @throws ApiError that says why nobody did.
 */
export const makeImages = async (
  candidates: readonly [Candidate, ...Candidate[]],
  request: ImageRequest,
  log: Log,
): Promise<Making> => {
  let refusal: ApiError | undefined;
  let mayHaveBeenPaid = false;
  for (const first of candidates) {
    const { candidate, outcome, notes } = await ask(first, request, log);
    if (outcome === 'impossible') {
      refusal ??= planRefusal(candidate);
      continue;
    }
    if (outcome.status === 'made') return { made: outcome, candidate, notes };
    refusal = answerOfFailure(outcome, candidate.requested.id);
    mayHaveBeenPaid ||= outcome.status === 'unclear';
    if (!permitsFallback(outcome)) break;
  }
  if (refusal === undefined) throw new Error('no candidate was asked and none refused');
  throw mayHaveBeenPaid ? withoutRepetition(refusal) : refusal;
};

type Asked = {
  candidate: Candidate;
  outcome: MadeImages | ImageFailure | 'impossible';
  notes: readonly string[];
};

const ask = async (candidate: Candidate, request: ImageRequest, log: Log): Promise<Asked> => {
  const { plan, provider, serving } = candidate;
  if (!plan.possible) return { candidate, outcome: 'impossible', notes: [] };
  const outcome = await provider.generate(plan.order);
  if (outcome.status === 'made') return { candidate, outcome, notes: plan.notes };
  log[outcome.status === 'operator-fault' ? 'error' : 'warn']('images were not made', {
    model: serving.id,
    outcome: outcome.status,
    ...('detail' in outcome && { detail: outcome.detail }),
  });
  const heir = outcome.status === 'model-gone' ? heirOf(candidate, request) : undefined;
  return heir === undefined ? { candidate, outcome, notes: [] } : ask(heir, request, log);
};

/** Providers retire models before the day that they announced, or without announcing one. */
const heirOf = (candidate: Candidate, request: ImageRequest): Candidate | undefined => {
  const { successor } = candidate.serving;
  const serving = successor === undefined ? undefined : findModel(successor);
  if (serving?.kind !== 'image' || serving.provider !== candidate.serving.provider) return undefined;
  return { ...candidate, serving, plan: candidate.provider.plan(request, serving) };
};

const planRefusal = ({ plan }: Candidate): ApiError => {
  if (plan.possible) throw new Error('a possible plan was taken for an impossible one');
  return invalidRequest(plan.problems);
};
