import { expect, test } from 'vitest';
import { keepCurrent } from '../../functions/bootstrap/keep-current.ts';
import type { Credentials } from '../../lib/config.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import { silentLog } from '../support/silent-log.ts';

type Entered = Credentials | Error;

const aFunction = (...entered: [Credentials, ...Entered[]]) => {
  let nowMs = 0;
  let reads = 0;
  const [credentials, ...later] = entered;
  const key = keepCurrent({
    credentials,
    async read() {
      reads += 1;
      const found = later.shift();
      if (found instanceof Error || found === undefined) throw found ?? new Error('nothing more was entered');
      return found;
    },
    build: ({ providers: { XAI_API_KEY } }) => {
      if (XAI_API_KEY === undefined) throw new Error('credentials: XAI_API_KEY is missing');
      return { key: XAI_API_KEY };
    },
    log: silentLog,
    now: () => nowMs,
  });
  return { key, reads: () => reads, pass: (ms: number) => (nowMs += ms) };
};

const entered = (key?: string): Credentials => ({ providers: key === undefined ? {} : { XAI_API_KEY: key } });

test('a running function uses what was entered five minutes ago', async () => {
  const { key, pass, reads } = aFunction(entered('old'), entered('new'));
  pass(5 * minuteMs - 1);
  expect(await key()).toEqual({ key: 'old' });
  pass(1);
  expect(await Promise.all([key(), key(), key()])).toEqual([{ key: 'new' }, { key: 'new' }, { key: 'new' }]);
  expect(reads()).toBe(1);
});

test('nothing is built anew while the credentials stay as they are', async () => {
  const { key, pass, reads } = aFunction(entered('same'), entered('same'));
  const before = await key();
  pass(5 * minuteMs);
  expect(await key()).toBe(before);
  expect(await key()).toBe(before);
  expect(reads()).toBe(1);
});

test('the first that is entered is used within half a minute', async () => {
  let nowMs = 0;
  const current = keepCurrent({
    credentials: entered(),
    read: async () => entered('first'),
    build: ({ providers }) => providers,
    log: silentLog,
    now: () => nowMs,
  });
  nowMs = 30 * secondMs - 1;
  expect(await current()).toEqual({});
  nowMs += 1;
  expect(await current()).toEqual({ XAI_API_KEY: 'first' });
});

test('while the secret cannot be read, work goes on, and it is read again later', async () => {
  const { key, pass } = aFunction(entered('old'), new Error('AccessDenied'), entered('new'));
  pass(5 * minuteMs);
  expect(await key()).toEqual({ key: 'old' });
  pass(5 * minuteMs);
  expect(await key()).toEqual({ key: 'new' });
});

test('a credential that was taken away is no longer used, and one entered afterwards is', async () => {
  const { key, pass } = aFunction(entered('leaked'), entered(), entered(), entered('new'));
  pass(5 * minuteMs);
  await expect(key()).rejects.toThrow('XAI_API_KEY is missing');
  await expect(key()).rejects.toThrow('XAI_API_KEY is missing');
  expect(await key()).toEqual({ key: 'new' });
});
