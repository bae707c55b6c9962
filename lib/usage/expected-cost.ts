import { totalMicroUsd } from './cost.ts';
import { type Estimate, estimateImages, type PlannedImages } from './estimate.ts';
import type { PriceList } from './price-list.ts';

/** What images cost at most by the list, whichever of the models makes them in the end. */
export const expectImages = (
  prices: Pick<PriceList, 'of'>,
  candidates: readonly PlannedImages[],
  n: number,
): Estimate =>
  candidates
    .filter(({ plan }) => plan.possible)
    .map((candidate) => estimateImages(prices, candidate, n))
    // Where no model can do what is asked, nothing is made.
    .reduce(dearer, { parts: [] });

/** What is not known may be any amount. */
const dearer = (one: Estimate, other: Estimate): Estimate => {
  if ('reason' in one) return one;
  return 'reason' in other || totalMicroUsd(other.parts) > totalMicroUsd(one.parts) ? other : one;
};
