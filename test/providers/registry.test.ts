import { expect, it } from 'vitest';
import type { Credentials } from '../../lib/config.ts';
import { createHttpClient } from '../../lib/providers/http/client.ts';
import { canMakeVideos, createVideoProvider } from '../../lib/providers/registry.ts';

const credentials = (changes: Partial<Credentials> = {}): Credentials => ({
  LINK_SIGNING_KEY: 'k',
  ...changes,
});

it.each<[string, Partial<Credentials>, boolean]>([
  ['an API key', { KLING_API_KEY: 'a' }, true],
  ['an access key and its secret', { KLING_ACCESS_KEY: 'a', KLING_SECRET_KEY: 's' }, true],
  ['half of the pair', { KLING_ACCESS_KEY: 'a' }, false],
  ['nothing', {}, false],
])('makes videos with %s: %j', (_case, values, isPossible) => {
  const provider = createVideoProvider({
    config: { KLING_BASE_URL: 'https://kling.example' },
    credentials: credentials(values),
    http: createHttpClient(fetch),
    now: Date.now,
    readPicture: async () => new Uint8Array(),
  });
  expect(provider !== undefined).toBe(isPossible);
  expect(canMakeVideos(credentials(values))).toBe(isPossible);
});
