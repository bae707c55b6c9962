import * as z from 'zod/mini';
import { ConfigError, parseVariables, usdAmount } from '../config.ts';
import { pricedUnits } from '../providers/prices.ts';
import type { ModelPrices } from './price-list.ts';

const day = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/, 'must be a day such as 2026-11-26'));
const rate = z.object({
  per: z.enum(pricedUnits, `must be one of ${pricedUnits.join(', ')}`),
  usd: usdAmount,
  when: z._default(z.record(z.string(), z.string()), {}),
});
const modelPrices = z.object({
  source: z._default(z.string(), 'operator'),
  as_of: day,
  rates: z.array(rate),
});
const overrides = z.record(z.string(), z.nullable(modelPrices));

/** An operator's own prices by model id; `null`: the model has no price. */
export type PriceOverrides = ReadonlyMap<string, ModelPrices | undefined>;

/** Reads them. Throws a {@link ConfigError} that names what is wrong. */
export const readPriceOverrides = (given: unknown, modelIds: readonly string[]): PriceOverrides => {
  const byModel = parseVariables(overrides, given, 'prices');
  const unknown = Object.keys(byModel).find((id) => !modelIds.includes(id));
  if (unknown !== undefined)
    throw new ConfigError(`prices: ${unknown} is no model; npm run prices lists them all`);
  return new Map(
    Object.entries(byModel).map(([id, prices]) => [
      id,
      prices === null
        ? undefined
        : {
            source: prices.source,
            asOf: prices.as_of,
            rates: prices.rates.map(({ usd, ...rest }) => ({ ...rest, microUsd: usd })),
          },
    ]),
  );
};

/** The same from the text of a variable. */
export const parsePriceOverrides = (
  text: string | undefined,
  modelIds: readonly string[],
): PriceOverrides => {
  if (!text) return new Map();
  try {
    return readPriceOverrides(JSON.parse(text), modelIds);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ConfigError('prices: must be a JSON object of prices by model id', { cause: error });
    throw error;
  }
};
