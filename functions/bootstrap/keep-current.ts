import { isDeepStrictEqual } from 'node:util';
import type { Credentials } from '../../lib/config.ts';
import type { Log } from '../../lib/observability/log.ts';
import { type Clock, minuteMs, secondMs } from '../../lib/time.ts';

/**
 * `npm run credentials` and the documents promise it. Where no provider has any yet, somebody may just be entering the
 * first.
 */
const maxAgeMs = ({ providers }: Credentials): number =>
  Object.keys(providers).length === 0 ? 30 * secondMs : 5 * minuteMs;

type Options<T> = {
  /** What was read at the start. */
  credentials: Credentials;
  read(): Promise<Credentials>;
  build(credentials: Credentials): T;
  log: Log;
  now: Clock;
};

/**
 * What is built from the credentials, and built anew once others have been entered: an environment may live for
 * hours. Where they cannot be read, those read before go on.
 */
export const keepCurrent = <T>({ credentials, read, build, log, now }: Options<T>): (() => Promise<T>) => {
  let current = { credentials, built: build(credentials), readAtMs: now() };
  let renewal: Promise<void> | undefined;

  const readAgain = async (): Promise<Credentials> => {
    try {
      return await read();
    } catch (error) {
      log.event('credentials.unread', { error });
      return current.credentials;
    }
  };
  const renew = async (): Promise<void> => {
    const readAtMs = now();
    const found = await readAgain();
    if (isDeepStrictEqual(found, current.credentials)) {
      current.readAtMs = readAtMs;
      return;
    }
    current = { credentials: found, built: build(found), readAtMs };
    log.event('credentials.changed', {});
  };

  return async () => {
    if (now() - current.readAtMs >= maxAgeMs(current.credentials)) {
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      await renewal;
    }
    return current.built;
  };
};
