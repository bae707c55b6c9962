import { createHash } from 'node:crypto';
import type { Json } from '../json.ts';

/** The same text for the same value, whatever the order of its names. */
export const canonicalJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${members.join(',')}}`;
};

export const fingerprint = (value: Json): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex');
