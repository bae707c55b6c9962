import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registry } from '../../lib/providers/registry.ts';
import { cloudEnvironment } from '../../local/cloud/layout.ts';
import { unreadNames, withEnvFile } from '../../local/env-file.ts';
import { functionEnvironment } from '../../local/function-environment.ts';
import { fakeVariables, isFake } from '../../local/providers.ts';
import { readSettings } from '../../local/settings.ts';
import { aFolder } from '../support/a-folder.ts';

describe('the settings of a local gateway', () => {
  it('need nothing to be set', () => {
    expect(readSettings({})).toMatchObject({
      PORT: 8787,
      DATA_DIR: '.data',
      PROVIDERS: 'stand-in',
      STAND_IN_SECONDS: 6,
    });
  });

  it.each([
    ['PORT', '70000', /PORT: must be at most 65535/],
    ['PORT', '-1', /PORT: must be a whole number/],
    ['CLEARMAAS_API_KEY', 'sk-other', /CLEARMAAS_API_KEY: must be sk-clearmaas-/],
    ['CLEARMAAS_CALLBACK_SECRET', 'secret', /CLEARMAAS_CALLBACK_SECRET: must be whsec_/],
    ['STAND_IN_SECONDS', 'soon', /STAND_IN_SECONDS: must be a number of seconds/],
    ['KLING_BASE_URL', 'localhost:9', /KLING_BASE_URL: must be an http\(s\) URL/],
    ['PUBLIC_URL', 'https://tunnel.example/?a=1', /PUBLIC_URL: must be an .* without .* query/],
    ['PUBLIC_URL', 'https://me:hunter2@tunnel.example', /PUBLIC_URL: must be an .* without user name/],
    ['PUBLIC_URL', 'https://', /PUBLIC_URL: must be an http\(s\) URL/],
    ['PRICES', '{"kling/kling-v2-6": 1}', /kling-v2-6: must be an object with as_of, rates/],
    ['PRICES', '[]', /prices: must be an object of prices by model id/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL: must be debug, info, warn, error or silent/],
    ['LOG_FORMAT', 'xml', /LOG_FORMAT: must be json or text/],
  ])('refuse %s=%s', (name, value, message) => {
    expect(() => readSettings({ [name]: value })).toThrow(message);
  });

  it('never repeat a wrong secret', () => {
    expect(() => readSettings({ CLEARMAAS_CALLBACK_SECRET: 'hunter2' })).not.toThrow(/hunter2/);
  });

  it('are read from an .env file, over which the environment wins', async () => {
    const file = join(await aFolder(), '.env');
    await writeFile(file, 'PORT=1111\nDATA_DIR="from file" # why\nPROVIDERS=live\n');
    const settings = readSettings(withEnvFile(file, { PORT: '2222', PROVIDERS: '' }));
    expect(settings).toMatchObject({ PORT: 2222, DATA_DIR: 'from file', PROVIDERS: 'live' });
  });

  it('begin after the byte order mark that editors on Windows leave', async () => {
    const file = join(await aFolder(), '.env');
    await writeFile(file, '\uFEFFPORT=1111\n');
    expect(withEnvFile(file, {})).toEqual({ PORT: '1111' });
  });

  it('say which file cannot be read', async () => {
    const folder = await aFolder();
    expect(() => withEnvFile(folder, {})).toThrow(`${folder} cannot be read (`);
  });

  it('are told apart from what nothing reads', async () => {
    const file = join(await aFolder(), '.env');
    await writeFile(
      file,
      'PROVIDER=live\nKLING_API_KEYS=k\nDATABASE=x\nOPENAI_API_KEY=k\nCOPY_RESULTS=true\n',
    );
    expect(unreadNames(file)).toEqual([
      `${file}: nothing reads DATABASE.`,
      `${file}: nothing reads KLING_API_KEYS; did you mean KLING_API_KEY?`,
      `${file}: nothing reads PROVIDER; did you mean PROVIDERS?`,
    ]);
    expect(unreadNames('no-such-folder/.env')).toEqual([]);
  });

  it('do not need an .env file', () => {
    expect(withEnvFile('no-such-folder/.env', { PORT: '1' })).toEqual({ PORT: '1' });
  });
});

describe('what the functions are given', () => {
  const given = (variables: Record<string, string>) => {
    const settings = readSettings(variables);
    const fakes = registry.descriptors.filter((provider) => isFake(provider, settings.PROVIDERS, variables));
    return functionEnvironment({
      settings,
      url: 'http://127.0.0.1:8787',
      linkSigningKey: 'link key',
      cloud: cloudEnvironment({ database: 1, queues: 2 }),
      fakes: {
        running: {},
        variables: Object.assign(
          {},
          ...fakes.map((provider) => fakeVariables(provider, `http://fake/${provider.name}`)),
        ),
      },
    });
  };

  it('is no real key while the providers are fakes', () => {
    const environment = given({ OPENAI_API_KEY: 'real', KLING_ACCESS_KEY: 'real', KLING_SECRET_KEY: 'real' });
    expect(Object.values(environment)).not.toContain('real');
    expect(environment).toMatchObject({
      OPENAI_BASE_URL: 'http://fake/openai',
      KLING_ACCESS_KEY: undefined,
    });
  });

  it('is the real key and no other address when the providers are live', () => {
    const environment = given({ PROVIDERS: 'live', KLING_API_KEY: 'real' });
    expect(environment).toMatchObject({ KLING_API_KEY: 'real', OPENAI_API_KEY: undefined });
    expect(environment['KLING_BASE_URL']).toBeUndefined();
  });

  it('is an address of one’s own, whatever PROVIDERS says', () => {
    const environment = given({
      KLING_BASE_URL: 'http://127.0.0.1:9',
      XAI_BASE_URL: 'http://x',
      XAI_API_KEY: 'mine',
    });
    expect(environment).toMatchObject({
      KLING_BASE_URL: 'http://127.0.0.1:9',
      KLING_API_KEY: 'no-key',
      XAI_BASE_URL: 'http://x',
      XAI_API_KEY: 'mine',
      OPENAI_BASE_URL: 'http://fake/openai',
    });
  });

  it('never leads to AWS, whatever is exported', () => {
    const environment = given({ TABLE_NAME: 'production', CREDENTIALS_SECRET_IDS: 'production' });
    expect(environment).toMatchObject({ TABLE_NAME: 'clearmaas', CREDENTIALS_SECRET_IDS: undefined });
  });

  it('may reach private callback addresses unless that is forbidden', () => {
    expect(given({})['CALLBACK_ALLOW_PRIVATE']).toBe('true');
    expect(given({ CALLBACK_ALLOW_PRIVATE: 'false' })['CALLBACK_ALLOW_PRIVATE']).toBe('false');
  });
});
