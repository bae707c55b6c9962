import type { Json, JsonObject } from '../../json.ts';

/** Reads into an answer of any shape: `undefined` where the path leads nowhere. */
export const fieldAt = (value: Json | undefined, ...path: (string | number)[]): Json | undefined => {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as JsonObject)[step];
  }
  return found;
};

export const textAt = (value: Json | undefined, ...path: (string | number)[]): string => {
  const found = fieldAt(value, ...path);
  return typeof found === 'string' ? found : '';
};

/** How many there are of something; no number that cannot be a count. */
export const countAt = (value: Json | undefined, ...path: (string | number)[]): number | undefined => {
  const found = fieldAt(value, ...path);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
};
