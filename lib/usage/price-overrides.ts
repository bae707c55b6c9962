import * as z from 'zod/mini';
import { ConfigError, parseVariables, usdAmount } from '../config.ts';
import { pricedUnits } from '../providers/prices.ts';
import type { ModelPrices } from './price-list.ts';

const dayRule = 'must be a day such as 2026-11-26';
const day = z.string(dayRule).check(z.regex(/^\d{4}-\d\d-\d\d$/, dayRule));
/** A mistyped name would leave a price without its condition. */
const closedObject = <Shape extends z.core.$ZodShape>(shape: Shape, rule: string) =>
  z.strictObject(shape, {
    error: ({ code, keys }) => (code === 'unrecognized_keys' ? `${rule}, without ${keys}` : rule),
  });
const whenRule = 'must be an object of text, such as {"mode": "pro"}';
const rate = closedObject(
  {
    per: z.enum(pricedUnits, `must be one of ${pricedUnits.join(', ')}`),
    usd: usdAmount,
    when: z._default(z.record(z.string(), z.string(whenRule), whenRule), {}),
  },
  'must be an object with per, usd and, if need be, when',
);
const modelPrices = closedObject(
  {
    source: z._default(z.string('must be text'), 'operator'),
    as_of: day,
    rates: z.array(rate, 'must be a list of prices, each with per and usd'),
  },
  'must be an object with as_of, rates and, if you like, source, or null',
);
const overrides = z.record(z.string(), z.nullable(modelPrices), 'must be an object of prices by model id');

/** An operator's own prices by model id; `null`: the model has no price. */
type PriceOverrides = ReadonlyMap<string, ModelPrices | undefined>;

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
