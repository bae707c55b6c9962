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

export const numberAt = (value: Json | undefined, ...path: (string | number)[]): number | undefined => {
  const found = fieldAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
};
