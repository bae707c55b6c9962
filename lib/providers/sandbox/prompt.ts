import { isJsonObject, type Json } from '../../json.ts';

/** All that a request says is to be seen, in whatever fields its provider has for that: they have `prompt` in their names. */
export const promptOf = (value: Json | undefined): string => {
  if (Array.isArray(value)) return value.map(promptOf).join(' ');
  if (!isJsonObject(value)) return '';
  return Object.entries(value)
    .flatMap(([name, inner]) => {
      if (typeof inner !== 'string') return promptOf(inner);
      return name.includes('prompt') && !name.includes('negative') ? inner : [];
    })
    .filter((text) => text !== '')
    .join(' ');
};
