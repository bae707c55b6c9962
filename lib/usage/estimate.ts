import type { ImagePlan } from '../providers/image-provider.ts';
import type { PricedUnit, Traits } from '../providers/prices.ts';
import { type Part, priceImages, priceVideo } from './cost.ts';
import type { ModelPrices, PriceList } from './price-list.ts';

/** What a request is likely to cost, or why that cannot be told. */
export type Estimate = { parts: readonly Part[] } | { reason: string };

type Prices = Pick<PriceList, 'of'>;

export const estimateVideo = (
  prices: Prices,
  modelId: string,
  priced: { seconds?: number; traits: Traits },
): Estimate => {
  const parts = priceVideo(prices.of(modelId), priced);
  if (parts !== undefined) return { parts };
  return priced.seconds === undefined
    ? { reason: 'How long the video will be is not known before: it follows the one that was given.' }
    : { reason: whyUnpriced(prices.of(modelId), modelId, 'second') };
};

/** A model that may make the images, and how. */
export type PlannedImages = { serving: { id: string }; plan: ImagePlan };

/** By the model that is asked first. */
export const estimateImages = (
  prices: Prices,
  { serving: { id }, plan }: PlannedImages,
  n: number,
): Estimate => {
  const traits = plan.possible ? (plan.order.traits ?? {}) : {};
  const parts = priceImages(prices.of(id), { n, traits });
  return parts === undefined ? { reason: whyUnpriced(prices.of(id), id, 'image') } : { parts };
};

const whyUnpriced = (prices: ModelPrices | undefined, modelId: string, per: PricedUnit): string => {
  if (prices === undefined) return `No price of ${modelId} is known here. The operator can set one.`;
  if (prices.rates.some((rate) => rate.per === per))
    return `The price list of ${modelId} has none for such a request. The operator can set one.`;
  return `${modelId} is charged by the token, and how many it will need is not known before.`;
};
