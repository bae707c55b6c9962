import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportEnvironment } from '../../lib/config.ts';
import { carryOut } from '../../operator/command-line.ts';
import { type CredentialStore, createCredentialStore } from '../../operator/credential-store.ts';
import { credentialsProgram } from '../../operator/credentials-program.ts';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';

let cloud: TestCloud;
let secretsManager: AnsweringServer;
beforeAll(async () => {
  [cloud, secretsManager] = [await startTestCloud(), await startAnsweringServer()];
  exportEnvironment({ ...cloud.environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url });
});
afterAll(() => Promise.all([cloud.stop(), secretsManager.close()]));

const holding = (video: Record<string, string> = {}, image: Record<string, string> = {}) => {
  const secrets = { video, image };
  const store: CredentialStore = {
    read: async (kind) => secrets[kind],
    async write(kind, values) {
      secrets[kind] = values;
    },
  };
  return { secrets, store };
};

/** Runs `npm run credentials -- …` for an operator who enters that value. */
const credentials = (store: CredentialStore | undefined, entered: string, ...args: string[]) =>
  carryOut(
    credentialsProgram(async () => entered),
    args,
    async () => ({
      ...cloud,
      allowPrivate: false,
      ...(store && { credentials: store }),
      close: async () => undefined,
    }),
    Date.now,
  );

describe('npm run credentials', () => {
  test('enters a credential into the secret of its kind and leaves the others', async () => {
    const { secrets, store } = holding({ KLING_ACCESS_KEY: 'ak' }, { XAI_API_KEY: 'x' });
    const answer = await credentials(store, 'sk-new', 'set', 'OPENAI_API_KEY');
    await credentials(store, 'sk', 'set', 'KLING_SECRET_KEY');
    expect(secrets).toEqual({
      video: { KLING_ACCESS_KEY: 'ak', KLING_SECRET_KEY: 'sk' },
      image: { XAI_API_KEY: 'x', OPENAI_API_KEY: 'sk-new' },
    });
    expect(answer).toBe('OPENAI_API_KEY is entered. Running functions use it within five minutes.\n');
  });

  test('takes one away', async () => {
    const { secrets, store } = holding({}, { XAI_API_KEY: 'x', OPENAI_API_KEY: 'o' });
    await credentials(store, '', 'remove', 'XAI_API_KEY');
    expect(secrets.image).toEqual({ OPENAI_API_KEY: 'o' });
  });

  test('lists what is entered, and no value', async () => {
    const { store } = holding({ KLING_API_KEY: 'kling-secret' });
    const listed = await credentials(store, '', 'list', '--json');
    expect(JSON.parse(listed)).toMatchObject({ KLING_API_KEY: 'entered', XAI_API_KEY: 'not entered' });
    expect(listed + (await credentials(store, '', 'list'))).not.toContain('kling-secret');
  });

  test.each(['', 'two words', 'line\nbreak', 'ключ'])(
    'refuses %j, which no provider issues',
    async (value) => {
      const { secrets, store } = holding();
      await expect(credentials(store, value, 'set', 'KLING_API_KEY')).rejects.toThrow(
        /nothing was|visible ASCII/,
      );
      expect(secrets.video).toEqual({});
    },
  );

  test('refuses a name that it does not know, the link signing key among them', async () => {
    const { store } = holding();
    await expect(credentials(store, 'x', 'set', 'LINK_SIGNING_KEY')).rejects.toThrow(
      'There is no credential LINK_SIGNING_KEY. There are KLING_API_KEY',
    );
  });

  test('does not speak of a gateway on one machine in its help', async () => {
    const { store } = holding();
    expect(await credentials(store, '', '--help')).not.toContain('this machine');
  });

  test('says where a gateway on one machine takes them from', async () => {
    await expect(credentials(undefined, 'x', 'set', 'KLING_API_KEY')).rejects.toThrow('.env');
  });
});

describe('the secrets of a deployment', () => {
  const store = () => createCredentialStore({ video: 'arn:video', image: 'arn:image' });

  test('one into which nothing was entered yet is empty', async () => {
    const body = { __type: 'ResourceNotFoundException', Message: 'no value with staging label AWSCURRENT' };
    secretsManager.answer({ status: 400, body });
    expect(await store().read('video')).toEqual({});
  });

  test.each(['{"XAI_API_KEY":"hunter2"', 'hunter2', '["hunter2"]'])(
    'are not repeated where they cannot be read: %s',
    async (SecretString) => {
      secretsManager.answer({ status: 200, body: { SecretString } });
      const refused = await store()
        .read('image')
        .catch((error: unknown) => error);
      expect(String(refused)).toContain('must be a JSON object of names and values');
      expect(inspect(refused)).not.toContain('hunter2');
    },
  );

  test('are read and written by their own names', async () => {
    secretsManager.answer(
      { status: 200, body: { SecretString: '{"XAI_API_KEY":"x"}' } },
      { status: 200, body: {} },
    );
    expect(await store().read('image')).toEqual({ XAI_API_KEY: 'x' });
    await store().write('image', { XAI_API_KEY: 'y' });
    expect(JSON.parse(secretsManager.requests.at(-1)?.body ?? '')).toMatchObject({
      SecretId: 'arn:image',
      SecretString: '{"XAI_API_KEY":"y"}',
    });
  });
});
