/** The upstream services, each with the variables that lead to it. */
export const providers = [
  {
    name: 'kling',
    baseUrl: 'KLING_BASE_URL',
    key: 'KLING_API_KEY',
    otherKeys: ['KLING_ACCESS_KEY', 'KLING_SECRET_KEY'],
  },
  { name: 'openai', baseUrl: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', otherKeys: [] },
  { name: 'google', baseUrl: 'GEMINI_BASE_URL', key: 'GEMINI_API_KEY', otherKeys: [] },
  { name: 'xai', baseUrl: 'XAI_BASE_URL', key: 'XAI_API_KEY', otherKeys: [] },
] as const;
export type Provider = (typeof providers)[number];
export type ProviderName = Provider['name'];
export type ProviderMode = 'stand-in' | 'live';

type Variables = Record<string, string | undefined>;

/** A provider that was given an address is called there, whatever the mode says. */
export const isFake = (provider: Provider, mode: ProviderMode, variables: Variables): boolean =>
  mode === 'stand-in' && !variables[provider.baseUrl];

export const isConfigured = (provider: Provider, variables: Variables): boolean =>
  [provider.key, ...provider.otherKeys].some((name) => Boolean(variables[name]));

/** Where the functions find a fake. The real credentials are taken away, so that no call can cost money. */
export const fakeVariables = (provider: Provider, url: string): Variables => ({
  ...Object.fromEntries(provider.otherKeys.map((name) => [name, undefined])),
  [provider.baseUrl]: url,
  [provider.key]: fakeKey,
});

export const fakeKey = 'fake-key';

/** A server at an address of one's own may want no key; without one the provider would count as not set up. */
export const ownAddressVariables = (provider: Provider, variables: Variables): Variables =>
  variables[provider.baseUrl] && !isConfigured(provider, variables) ? { [provider.key]: 'no-key' } : {};
