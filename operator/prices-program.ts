import { providerEnvironment } from '../cdk/provider-settings.ts';
import { loadSettings } from '../cdk/settings-file.ts';
import { formatUsd } from '../lib/money.ts';
import { registry } from '../lib/providers/registry.ts';
import { createPriceList, type PriceList, type Rate } from '../lib/usage/price-list.ts';
import { withEnvFile } from '../local/env-file.ts';
import { parseArguments } from './parse-arguments.ts';
import { textTable } from './text-table.ts';

export const usage = `Shows what each model costs, as a gateway reckons: the providers' lists and, over them, your own prices.

Usage: npm run prices [-- --stage <name>] [--json]

  --stage <name>    the prices in settings.<name>.json; without it those of the gateway on this machine
  --json            answer in JSON
  --help            this text
`;

const options = {
  stage: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Variables = Record<string, string | undefined>;

const variablesOf = (stage: string | undefined, environment: Variables): Variables => {
  if (stage === undefined) return withEnvFile('.env', environment);
  const { prices, providerSettings } = loadSettings(stage);
  return {
    ...providerEnvironment(providerSettings),
    ...(prices !== undefined && { PRICES: JSON.stringify(prices) }),
  };
};

/** Models that are made by others now have no price of their own. */
const pricesOf = (list: PriceList, nowMs: number) =>
  registry.models
    .filter(({ id }) => list.of(id) !== undefined || isServed(id, nowMs))
    .map(({ id }) => ({ id, prices: list.of(id) }));

const isServed = (id: string, nowMs: number): boolean => {
  const resolved = registry.resolveModel(id, nowMs);
  return typeof resolved === 'object' && resolved.serving.id === id;
};

const conditions = ({ when }: Rate): string =>
  Object.entries(when)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const tableOf = (list: PriceList, nowMs: number): string =>
  textTable([
    ['model', 'USD', 'per', 'for', 'as of', 'source'],
    ...pricesOf(list, nowMs).flatMap(({ id, prices }) =>
      prices === undefined
        ? [[id, 'unknown']]
        : prices.rates.map((rate) => [
            id,
            formatUsd(rate.microUsd),
            rate.per.replaceAll('_', ' '),
            conditions(rate),
            prices.asOf,
            prices.source,
          ]),
    ),
  ]);

const dataOf = (list: PriceList, nowMs: number) =>
  pricesOf(list, nowMs).map(({ id, prices }) => ({
    model: id,
    prices:
      prices === undefined
        ? null
        : {
            source: prices.source,
            as_of: prices.asOf,
            rates: prices.rates.map(({ per, microUsd, when }) => ({ per, usd: formatUsd(microUsd), when })),
          },
  }));

/** What `npm run prices` prints. Throws a `UsageError` for a line that cannot be understood. */
export const showPrices = (args: string[], environment: Variables, nowMs: number): string => {
  const { stage, json, help } = parseArguments({ args, options }).values;
  if (help) return usage;
  const list = createPriceList(registry, variablesOf(stage, environment));
  return json ? `${JSON.stringify(dataOf(list, nowMs), undefined, 2)}\n` : `${tableOf(list, nowMs)}\n`;
};
