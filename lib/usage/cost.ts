import type { ImageUsage, MadeImages } from '../providers/image-provider.ts';
import type { PricedUnit, Traits } from '../providers/prices.ts';
import type { TaskCost } from '../tasks/task-money.ts';
import type { ModelPrices, Rate } from './price-list.ts';

/** A part of a price: so much of something at one rate. */
export type Part = { per: PricedUnit; quantity: number; unitMicroUsd: number; microUsd: number };

const tokensPerRate = 1_000_000;

const fits = ({ when }: Rate, traits: Traits): boolean =>
  Object.entries(when).every(([name, value]) => traits[name] === value);

const rateFor = (prices: ModelPrices | undefined, per: PricedUnit, traits: Traits = {}): Rate | undefined =>
  prices?.rates.find((rate) => rate.per === per && fits(rate, traits));

const partOf = ({ per, microUsd }: Rate, quantity: number): Part => ({
  per,
  quantity,
  unitMicroUsd: microUsd,
  microUsd: quantity * microUsd,
});

export const totalMicroUsd = (parts: readonly Part[]): number =>
  parts.reduce((sum, { microUsd }) => sum + microUsd, 0);

/** What a video costs by the list; `undefined` where no price of it is known. */
export const priceVideo = (
  prices: ModelPrices | undefined,
  { seconds, traits }: { seconds?: number; traits: Traits },
): Part[] | undefined => {
  const rate = rateFor(prices, 'second', traits);
  return rate === undefined || seconds === undefined ? undefined : [partOf(rate, seconds)];
};

/** What images cost by the list; `undefined` where no price of one such image is known. */
export const priceImages = (
  prices: ModelPrices | undefined,
  { n, traits }: { n: number; traits: Traits },
): Part[] | undefined => {
  const rate = rateFor(prices, 'image', traits);
  return rate === undefined ? undefined : [partOf(rate, n)];
};

/** What images cost that were made: as their provider says, by its tokens, else by the image. */
export const costOfImages = (
  prices: ModelPrices | undefined,
  { images, usage, drawnAs, chargedMicroUsd }: MadeImages,
  traits: Traits = {},
): TaskCost => {
  const charged = chargedMicroUsd ?? (usage && costOfTokens(prices, usage));
  if (charged !== undefined && Number.isSafeInteger(charged))
    return { microUsd: charged, source: 'provider' };
  const parts = priceImages(prices, { n: images.length, traits: { ...traits, ...asDrawn(drawnAs) } });
  return parts === undefined ? { microUsd: null } : { microUsd: totalMicroUsd(parts), source: 'price_list' };
};

const asDrawn = ({ size, quality }: MadeImages['drawnAs'] = {}): Traits => ({
  ...(size !== undefined && { size }),
  ...(quality !== undefined && { quality }),
});

/** `undefined` where a kind of token that was used has no price, or it is not known how many of a kind there were. */
const costOfTokens = (prices: ModelPrices | undefined, usage: ImageUsage): number | undefined => {
  const output = outputTokens(prices, usage);
  if (output === undefined) return undefined;
  const { input_tokens_details: input } = usage;
  const counts: [PricedUnit, number][] = [
    ['million_input_text_tokens', input.text_tokens],
    ['million_input_image_tokens', input.image_tokens],
    ['million_output_text_tokens', output.text_tokens],
    ['million_output_image_tokens', output.image_tokens],
  ];
  let sum = 0;
  for (const [per, count] of counts.filter(([, tokens]) => tokens > 0)) {
    const rate = rateFor(prices, per);
    if (rate === undefined) return undefined;
    sum += count * rate.microUsd;
  }
  return Math.round(sum / tokensPerRate);
};

/** Without details, all that comes out of a model that writes no text is images. */
const outputTokens = (
  prices: ModelPrices | undefined,
  { output_tokens, output_tokens_details }: ImageUsage,
) => {
  if (output_tokens_details !== undefined) return output_tokens_details;
  return rateFor(prices, 'million_output_text_tokens') === undefined
    ? { text_tokens: 0, image_tokens: output_tokens }
    : undefined;
};
