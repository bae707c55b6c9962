import { expect, test } from 'vitest';
import { createRecentCache } from '../lib/recent-cache.ts';

test('a value is remembered until it is too old, counted from its read', () => {
  let nowMs = 1_000;
  const cache = createRecentCache<string>({ maxAgeMs: 100, maxEntries: 10, now: () => nowMs });
  cache.put('a', 'value', 950);
  nowMs = 1_049;
  expect(cache.get('a')).toBe('value');
  nowMs = 1_050;
  expect(cache.get('a')).toBeUndefined();
});

test('a full cache forgets what was put longest ago', () => {
  const cache = createRecentCache<number>({ maxAgeMs: 100, maxEntries: 2, now: () => 0 });
  for (const [index, name] of ['a', 'b', 'a', 'c'].entries()) cache.put(name, index, 0);
  expect(['a', 'b', 'c'].map(cache.get)).toEqual([2, undefined, 3]);
});
