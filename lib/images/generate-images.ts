import type { Log } from '../observability/log.ts';
import {
  type ImageOutcome,
  type ImageRequest,
  imageDeadlineMs,
  type MadeImages,
} from '../providers/image-provider.ts';
import type { Registry } from '../providers/registry.ts';
import { type Clock, minuteMs } from '../time.ts';
import type { Candidate } from './candidates.ts';
import { permitsFallback } from './fallback.ts';
import type { Making, NotMade } from './outcome.ts';

type Dependencies = Pick<Registry, 'findModel'> & { now: Clock; log: Log };

/** An image may well take so long: what is ordered later may be paid for, and come when nobody waits any more. */
const leastTimeMs = minuteMs;

/** Asks one candidate after the other until one makes images; all of them together have the time that a provider is given. */
export const generateImages = async (
  candidates: readonly [Candidate, ...Candidate[]],
  request: ImageRequest,
  dependencies: Dependencies,
): Promise<Making | NotMade> => {
  const { now } = dependencies;
  let impossible: NotMade | undefined;
  let failed: NotMade | undefined;
  const unclear: string[] = [];
  const untilMs = now() + imageDeadlineMs;
  for (const first of candidates) {
    if (failed !== undefined && untilMs - now() < leastTimeMs) break;
    const { candidate, outcome } = await ask(first, request, untilMs, dependencies);
    const model = candidate.requested.id;
    if (outcome.status === 'unclear' || 'someUnclear' in outcome) unclear.push(model);
    if (outcome.status === 'made')
      return { status: 'made', made: atMost(outcome, request.n), candidate, unclear };
    if (outcome.status === 'impossible') {
      impossible ??= { status: 'not-made', model, failure: outcome, mayHaveBeenPaid: false };
      continue;
    }
    const endsChain = !permitsFallback(outcome);
    // Whoever hears that a provider was busy tries again, which is wrong where another may have been paid.
    if (endsChain || failed?.mayHaveBeenPaid !== true)
      failed = { status: 'not-made', model, failure: outcome, mayHaveBeenPaid: unclear.length > 0 };
    if (endsChain) break;
  }
  const told = failed ?? impossible;
  if (told === undefined) throw new Error('no candidate was asked and none refused');
  return told;
};

/** Drops images beyond the number asked for. */
const atMost = (made: MadeImages, n: number): MadeImages => {
  const [first, ...more] = made.images;
  return { ...made, images: [first, ...more.slice(0, n - 1)] };
};

type Asked = {
  candidate: Candidate;
  outcome: ImageOutcome | Extract<NotMade['failure'], { status: 'impossible' }>;
};

const ask = async (
  candidate: Candidate,
  request: ImageRequest,
  untilMs: number,
  dependencies: Dependencies,
): Promise<Asked> => {
  const { plan, provider, serving } = candidate;
  if (!plan.possible) return { candidate, outcome: { status: 'impossible', problems: plan.problems } };
  const { findModel, now, log } = dependencies;
  const outcome = await provider.generate({ ...plan.order, deadlineMs: untilMs - now() });
  if (outcome.status === 'made') return { candidate, outcome };
  log.event('images.not-made', {
    model: serving.id,
    outcome: outcome.status,
    ...('detail' in outcome && { detail: outcome.detail }),
  });
  const successor = outcome.status === 'model-gone' ? successorOf(candidate, request, findModel) : undefined;
  return successor === undefined ? { candidate, outcome } : ask(successor, request, untilMs, dependencies);
};

/** Providers retire models before the day that they announced, or without announcing one. */
const successorOf = (
  candidate: Candidate,
  request: ImageRequest,
  findModel: Registry['findModel'],
): Candidate | undefined => {
  const { successor } = candidate.serving;
  const serving = successor === undefined ? undefined : findModel(successor);
  if (serving?.kind !== 'image' || serving.provider !== candidate.serving.provider) return undefined;
  return { ...candidate, serving, plan: candidate.provider.plan(request, serving) };
};
