import { describe, expect, it } from 'vitest';
import { ConfigError, loadCredentials } from '../../lib/config.ts';
import { accountOf, credentialNames, readProviderSettings } from '../../lib/providers/accounts.ts';
import { kling } from '../../lib/providers/kling/kling.ts';
import { openAi } from '../../lib/providers/openai/openai.ts';
import { registry } from '../../lib/providers/registry.ts';

describe('an account', () => {
  it.each<[string, Record<string, string>, string[] | undefined]>([
    ['an API key', { KLING_API_KEY: 'a' }, ['KLING_API_KEY']],
    [
      'an access key and its secret',
      { KLING_ACCESS_KEY: 'a', KLING_SECRET_KEY: 's' },
      ['KLING_ACCESS_KEY', 'KLING_SECRET_KEY'],
    ],
    [
      'an API key beside them',
      { KLING_API_KEY: 'a', KLING_ACCESS_KEY: 'a', KLING_SECRET_KEY: 's' },
      ['KLING_API_KEY'],
    ],
    ['half of the pair', { KLING_ACCESS_KEY: 'a' }, undefined],
    ['nothing', {}, undefined],
  ])('is opened by a complete set of credentials: %s', (_case, providers, used) => {
    const account = accountOf(kling, {}, { providers });
    expect(account && Object.keys(account.credentials)).toEqual(used);
  });

  it('is at the provider’s own address, or at the one that is set', () => {
    const providers = { OPENAI_API_KEY: 'a' };
    expect(accountOf(openAi, {}, { providers })?.baseUrl).toBe('https://api.openai.com/v1');
    const variables = { OPENAI_BASE_URL: 'https://proxy.example/' };
    expect(accountOf(openAi, variables, { providers })?.baseUrl).toBe('https://proxy.example');
  });
});

describe('a setting', () => {
  it('is named when it cannot be used', () => {
    expect(() => readProviderSettings(kling, { KLING_BASE_URL: 'kling' })).toThrow(
      'environment: KLING_BASE_URL: must be an http(s) URL',
    );
  });

  it('may name further fields of a provider of videos', () => {
    expect(readProviderSettings(kling, { KLING_EXTRA_FIELDS: 'one, two' }).extraFields).toEqual([
      'one',
      'two',
    ]);
    expect(readProviderSettings(openAi, { OPENAI_EXTRA_FIELDS: 'one' }).extraFields).toEqual([]);
  });
});

describe('credentials', () => {
  const names = credentialNames(registry.descriptors);
  const load = (values: Record<string, string>) => loadCredentials(names, undefined, values);

  it.each([' key', 'key\n', 'key\r\n', '\tkey ', 'key\u00a0', '\ufeffkey'])('are trimmed: %j', (pasted) => {
    expect(load({ OPENAI_API_KEY: pasted, LINK_SIGNING_KEY: pasted })).toMatchObject({
      providers: { OPENAI_API_KEY: 'key' },
      LINK_SIGNING_KEY: 'key',
    });
    const secret = JSON.stringify({ XAI_API_KEY: pasted });
    expect(loadCredentials(names, [secret], {}).providers).toEqual({ XAI_API_KEY: 'key' });
  });

  it.each(['sk-…', 'two words', 'one\ntwo', 'schlüssel', 'a\u0000b', '“key”'])(
    'that no header can hold are the operator’s fault, found at the start and not shown: %j',
    (value) => {
      const wrong = () => load({ GEMINI_API_KEY: value });
      expect(wrong).toThrow(ConfigError);
      expect(wrong).toThrow('environment: GEMINI_API_KEY: must be one line of visible ASCII');
      expect(wrong).not.toThrow(value);
    },
  );

  it.each(['', ' ', '\n'])('that are blank are not set: %j', (blank) => {
    expect(load({ KLING_API_KEY: blank }).providers).toEqual({});
  });
});
