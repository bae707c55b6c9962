import * as z from 'zod/mini';
import { ConfigError, type Credentials, commaList, parseVariables, url, usdAmount } from '../config.ts';
import { parseMillionths } from '../money.ts';
import type { Account, ProviderDescriptor } from './descriptor.ts';

/** What a deployment sets for one provider beside its credentials. */
type ProviderSettings = {
  baseUrl: string;
  /** `metadata` fields that are passed on although this version does not know them. */
  extraFields: readonly string[];
  /** What the operator pays for the provider's own unit. */
  unitMicroUsd?: number;
};

/** The names of the variables that a provider's settings stand in. */
export const settingVariables = ({
  variablePrefix,
  kind,
  defaultUnitPriceUsd,
}: ProviderDescriptor<boolean>) => ({
  baseUrl: `${variablePrefix}_BASE_URL`,
  ...(kind === 'video' && { extraFields: `${variablePrefix}_EXTRA_FIELDS` }),
  ...(defaultUnitPriceUsd !== undefined && { unitPrice: `${variablePrefix}_UNIT_PRICE_USD` }),
});

export const credentialNames = (descriptors: readonly ProviderDescriptor[]): string[] =>
  descriptors.flatMap(({ credentialSets }) => credentialSets.flat());

/** Everything that may be set for these providers. */
export const providerVariables = (descriptors: readonly ProviderDescriptor[]): string[] => [
  ...descriptors.flatMap((descriptor) => Object.values(settingVariables(descriptor))),
  ...credentialNames(descriptors),
];

const defaultUnitMicroUsd = ({ defaultUnitPriceUsd = '0' }: ProviderDescriptor<boolean>): number =>
  parseMillionths(defaultUnitPriceUsd) ?? 0;

/** Reads a provider's settings. Throws a {@link ConfigError} that names each wrong variable. */
export const readProviderSettings = (
  descriptor: ProviderDescriptor<boolean>,
  variables: Readonly<Record<string, string | undefined>>,
): ProviderSettings => {
  const { baseUrl, extraFields, unitPrice } = settingVariables(descriptor);
  const read = <T>(name: string, schema: z.ZodMiniType<T>): T =>
    parseVariables(schema, variables[name] || undefined, `environment: ${name}`);
  return {
    baseUrl: read(baseUrl, z._default(url, descriptor.defaultBaseUrl)),
    extraFields: extraFields === undefined ? [] : read(extraFields, z._default(commaList, [])),
    ...(unitPrice !== undefined && {
      unitMicroUsd: read(unitPrice, z._default(usdAmount, defaultUnitMicroUsd(descriptor))),
    }),
  };
};

/** The account that these credentials open; `undefined` where no set of them is complete. */
export const accountOf = (
  descriptor: ProviderDescriptor<boolean>,
  variables: Readonly<Record<string, string | undefined>>,
  { providers }: Pick<Credentials, 'providers'>,
): Account | undefined => {
  const set = descriptor.credentialSets.find((names) => names.every((name) => providers[name] !== undefined));
  if (set === undefined) return undefined;
  const { baseUrl } = readProviderSettings(descriptor, variables);
  return { baseUrl, credentials: Object.fromEntries(set.map((name) => [name, providers[name] ?? ''])) };
};

/** The credentials of which one set is needed, as a part of a sentence. */
export const neededCredentials = (descriptors: readonly ProviderDescriptor<boolean>[]): string =>
  descriptors
    .flatMap(({ credentialSets }) => credentialSets)
    .map((names) => names.join(' and '))
    .join(', or ');

/** What an operator is told whose deployment has no account with any of these providers. */
export const missingAccount = (descriptors: readonly ProviderDescriptor<boolean>[]): ConfigError =>
  new ConfigError(`credentials: set ${neededCredentials(descriptors)}`);
