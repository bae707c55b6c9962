import { credentialNames, settingVariables } from '../lib/providers/accounts.ts';
import type { ProviderDescriptor } from '../lib/providers/descriptor.ts';

type ProviderMode = 'stand-in' | 'live';

type Variables = Record<string, string | undefined>;

export const baseUrlOf = (provider: ProviderDescriptor): string => settingVariables(provider).baseUrl;

/** A provider that was given an address is called there, whatever the mode says. */
export const isFake = (provider: ProviderDescriptor, mode: ProviderMode, variables: Variables): boolean =>
  mode === 'stand-in' && !variables[baseUrlOf(provider)];

export const isConfigured = (provider: ProviderDescriptor, variables: Variables): boolean =>
  credentialNames([provider]).some((name) => Boolean(variables[name]));

/** Without its credentials a provider is not called, so that no call can cost money. */
export const withoutCredentials = (provider: ProviderDescriptor): Variables =>
  Object.fromEntries(credentialNames([provider]).map((name) => [name, undefined]));

const withKey = ({ credentialSets: [first] }: ProviderDescriptor, key: string): Variables =>
  Object.fromEntries(first.map((name) => [name, key]));

/** Where the functions find a fake. */
export const fakeVariables = (provider: ProviderDescriptor, url: string): Variables => ({
  ...withoutCredentials(provider),
  [baseUrlOf(provider)]: url,
  ...withKey(provider, fakeKey),
});

export const fakeKey = 'fake-key';

/** A server at an address of one's own may want no key; without one the provider would count as not set up. */
export const ownAddressVariables = (provider: ProviderDescriptor, variables: Variables): Variables =>
  variables[baseUrlOf(provider)] && !isConfigured(provider, variables) ? withKey(provider, 'no-key') : {};
