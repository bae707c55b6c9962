import type { ImagePlan } from '../providers/image-provider.ts';
import { priceImages, totalMicroUsd } from './cost.ts';
import type { PriceList } from './price-list.ts';

/** A model that may make the images, and how. */
type Candidate = { serving: { id: string }; plan: ImagePlan };

/** By the model that would cost most; `null`: nobody knows what it costs there. */
export type ExpectedCost = { modelId: string; microUsd: number | null };

/** What images cost at most by the list, whichever of the models makes them in the end. */
export const expectImages = (
  prices: Pick<PriceList, 'of'>,
  candidates: readonly [Candidate, ...Candidate[]],
  n: number,
): ExpectedCost => {
  const [first, ...others] = candidates
    .filter(({ plan }) => plan.possible)
    .map(({ serving, plan }): ExpectedCost => {
      const traits = plan.possible ? (plan.order.traits ?? {}) : {};
      const parts = priceImages(prices.of(serving.id), { n, traits });
      return { modelId: serving.id, microUsd: parts === undefined ? null : totalMicroUsd(parts) };
    });
  // Where no model can do what is asked, nothing is made.
  if (first === undefined) return { modelId: candidates[0].serving.id, microUsd: 0 };
  return others.reduce(dearer, first);
};

const dearer = (one: ExpectedCost, other: ExpectedCost): ExpectedCost =>
  (other.microUsd ?? Number.POSITIVE_INFINITY) > (one.microUsd ?? Number.POSITIVE_INFINITY) ? other : one;
