import { multiply, parseMillionths } from '../money.ts';
import { readProviderSettings } from '../providers/accounts.ts';
import type { ProviderDescriptor } from '../providers/descriptor.ts';
import type { ListedRate, PricedUnit, Traits } from '../providers/prices.ts';
import type { Registry } from '../providers/registry.ts';
import { parsePriceOverrides } from './price-overrides.ts';

/** What one unit costs, in micro-dollars, where all the traits in `when` fit. */
export type Rate = { per: PricedUnit; microUsd: number; when: Traits };

export type ModelPrices = { source: string; asOf: string; rates: readonly Rate[] };

/** The prices that hold in a deployment. */
export type PriceList = {
  /** By a model's public id; `undefined`: none are known. */
  of(modelId: string): ModelPrices | undefined;
  /** What the own unit of the model's provider costs, if it has one. */
  unitMicroUsd(modelId: string): number | undefined;
};

type Variables = Readonly<Record<string, string | undefined>>;

/** The listed prices of all providers and, over them, the operator's own. Throws a `ConfigError` for unreadable ones. */
export const createPriceList = (
  { descriptors, models, findModel }: Pick<Registry, 'descriptors' | 'models' | 'findModel'>,
  variables: Variables,
): PriceList => {
  const units = new Map(
    descriptors.map((descriptor) => [
      descriptor.name,
      readProviderSettings(descriptor, variables).unitMicroUsd,
    ]),
  );
  const effective = new Map<string, ModelPrices | undefined>([
    ...descriptors.flatMap((descriptor) => listed(descriptor, units.get(descriptor.name))),
    ...parsePriceOverrides(
      variables['PRICES'],
      models.map(({ id }) => id),
    ),
  ]);
  return {
    of: (modelId) => effective.get(modelId),
    unitMicroUsd: (modelId) => units.get(findModel(modelId)?.provider ?? ''),
  };
};

const listed = ({ prices }: ProviderDescriptor<boolean>, unitMicroUsd = 0): [string, ModelPrices][] =>
  Object.entries(prices?.models ?? {}).map(([id, rates]) => [
    id,
    {
      source: prices?.source ?? '',
      asOf: prices?.asOf ?? '',
      rates: rates.map((rate) => ({
        per: rate.per,
        microUsd: microUsdOf(rate, unitMicroUsd),
        when: rate.when ?? {},
      })),
    },
  ]);

const microUsdOf = (rate: ListedRate, unitMicroUsd: number): number =>
  'usd' in rate ? millionths(rate.usd) : multiply(millionths(rate.units), unitMicroUsd);

const millionths = (text: string): number => {
  const parsed = parseMillionths(text);
  if (parsed === undefined) throw new Error(`a listed price is no decimal number: ${text}`);
  return parsed;
};
