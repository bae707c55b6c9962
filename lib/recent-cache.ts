import type { Clock } from './time.ts';

type Settings = { maxAgeMs: number; maxEntries: number; now: Clock };

/** Remembers values for a while; when it is full, what was put longest ago goes first. */
type RecentCache<Value> = {
  get(key: string): Value | undefined;
  /** `readAtMs`: when the value was true, which is before its read returned. */
  put(key: string, value: Value, readAtMs: number): void;
  forget(key: string): void;
};

export const createRecentCache = <Value>({ maxAgeMs, maxEntries, now }: Settings): RecentCache<Value> => {
  const entries = new Map<string, { value: Value; readAtMs: number }>();
  return {
    forget: (key) => void entries.delete(key),
    get(key) {
      const entry = entries.get(key);
      if (entry && now() - entry.readAtMs < maxAgeMs) return entry.value;
      entries.delete(key);
      return undefined;
    },
    put(key, value, readAtMs) {
      entries.delete(key);
      entries.set(key, { value, readAtMs });
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    },
  };
};
