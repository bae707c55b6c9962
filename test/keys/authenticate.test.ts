import { expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { type ApiKey, hashApiKey } from '../../lib/keys/api-key.ts';
import { createAuthenticator } from '../../lib/keys/authenticate.ts';
import { secondMs } from '../../lib/time.ts';
import { anApiKey, aWorkspace, noonMs } from '../support/keys.ts';

const workspace = aWorkspace();

/** An authenticator over stores that count their reads, with a clock that the test moves. */
const aKeyCheck = (...stored: ApiKey[]) => {
  const check = { nowMs: noonMs, reads: 0, keys: new Map(stored.map((key) => [key.hash, key])) };
  const authenticate = createAuthenticator({
    keys: {
      find: async (hash) => {
        check.reads += 1;
        return check.keys.get(hash);
      },
    },
    workspaces: { find: async (id) => (id === workspace.id ? workspace : undefined) },
    now: () => check.nowMs,
  });
  return Object.assign(check, { authenticate });
};

const refusal = async (answer: Promise<unknown>): Promise<ApiError> => {
  const error = await answer.catch((thrown: unknown) => thrown);
  if (error instanceof ApiError) return error;
  throw new Error('was not refused', { cause: error });
};

test('a key opens its workspace', async () => {
  const { authenticate } = aKeyCheck(anApiKey('sk-clearmaas-good'));
  expect(await authenticate('Bearer sk-clearmaas-good')).toEqual({
    workspace,
    keyHash: hashApiKey('sk-clearmaas-good'),
    keyName: 'example',
  });
});

test('the word Bearer may be written in any case', async () => {
  const { authenticate } = aKeyCheck(anApiKey('sk-clearmaas-good'));
  expect((await authenticate('bearer sk-clearmaas-good')).workspace).toBe(workspace);
});

test.each([
  [undefined, /no API key.*Authorization: Bearer sk-clearmaas-/],
  ['', /no API key/],
  ['sk-clearmaas-good', /must be "Bearer"/],
  ['Basic c2stY2xlYXJtYWFz', /must be "Bearer"/],
  ['Bearer', /must be "Bearer"/],
  ['Bearer sk-clearmaas-good twice', /must be "Bearer"/],
  ['Bearer sk-proj-1234', /begin with "sk-clearmaas-"/],
  ['Bearer sk-clearmaas-other', /not known here/],
  ['Bearer sk-clearmaas-off', /has been disabled.*new one/],
  ['Bearer sk-clearmaas-old', /has expired.*new one/],
])('the header %j is refused with what to do', async (header, words) => {
  const { authenticate } = aKeyCheck(
    anApiKey('sk-clearmaas-good'),
    anApiKey('sk-clearmaas-off', { disabledAtMs: noonMs }),
    anApiKey('sk-clearmaas-old', { expiresAtMs: noonMs }),
  );
  const error = await refusal(authenticate(header));
  expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
  expect(error.message).toMatch(words);
});

test('a refusal never repeats the key that was sent', async () => {
  const { authenticate } = aKeyCheck();
  for (const key of ['sk-clearmaas-hidden', 'sk-other-hidden'])
    expect((await refusal(authenticate(`Bearer ${key}`))).message).not.toContain('hidden');
});

test('a token that cannot be a key costs no read', async () => {
  const check = aKeyCheck();
  await refusal(check.authenticate('Bearer eyJhbGciOiJIUzI1NiJ9'));
  expect(check.reads).toBe(0);
});

test('requests with the same key share one read, at once and for half a minute', async () => {
  const check = aKeyCheck(anApiKey('sk-clearmaas-good'));
  await Promise.all([1, 2, 3].map(() => check.authenticate('Bearer sk-clearmaas-good')));
  check.nowMs += 29 * secondMs;
  await check.authenticate('Bearer sk-clearmaas-good');
  expect(check.reads).toBe(1);
});

test('a disabled key stops working within 60 seconds', async () => {
  const key = anApiKey('sk-clearmaas-good');
  const check = aKeyCheck(key);
  await check.authenticate('Bearer sk-clearmaas-good');
  check.keys.set(key.hash, { ...key, disabledAtMs: noonMs });
  check.nowMs += 60 * secondMs;
  expect((await refusal(check.authenticate('Bearer sk-clearmaas-good'))).message).toContain('disabled');
});

test('a key that expires stops at that moment, remembered or not', async () => {
  const check = aKeyCheck(anApiKey('sk-clearmaas-good', { expiresAtMs: noonMs + secondMs }));
  await check.authenticate('Bearer sk-clearmaas-good');
  check.nowMs += secondMs;
  expect((await refusal(check.authenticate('Bearer sk-clearmaas-good'))).message).toContain('expired');
});

test('an unknown key is not looked up again at once, but soon', async () => {
  const check = aKeyCheck();
  await refusal(check.authenticate('Bearer sk-clearmaas-new'));
  await refusal(check.authenticate('Bearer sk-clearmaas-new'));
  expect(check.reads).toBe(1);
  const key = anApiKey('sk-clearmaas-new');
  check.keys.set(key.hash, key);
  check.nowMs += 5 * secondMs;
  expect((await check.authenticate('Bearer sk-clearmaas-new')).keyHash).toBe(key.hash);
});

test('a key of a workspace that is gone is not known', async () => {
  const { authenticate } = aKeyCheck(anApiKey('sk-clearmaas-lost', { workspaceId: 'ws_gone' }));
  expect((await refusal(authenticate('Bearer sk-clearmaas-lost'))).message).toContain('not known');
});

test('a look-up that failed is tried again by the next request', async () => {
  const key = anApiKey('sk-clearmaas-good');
  const answers = [Promise.reject(new Error('the table is away')), Promise.resolve(key)];
  const authenticate = createAuthenticator({
    keys: { find: () => answers.shift() ?? Promise.resolve(undefined) },
    workspaces: { find: async () => workspace },
    now: () => noonMs,
  });
  await expect(authenticate('Bearer sk-clearmaas-good')).rejects.toThrow('the table is away');
  expect((await authenticate('Bearer sk-clearmaas-good')).workspace).toBe(workspace);
});
