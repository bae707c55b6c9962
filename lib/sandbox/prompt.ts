/** All that a request says is to be seen, in whatever fields its provider has for that: they have `prompt` in their names. */
export const promptOf = (value: unknown): string => {
  if (Array.isArray(value)) return joined(value.map(promptOf));
  if (typeof value !== 'object' || value === null) return '';
  return joined(
    Object.entries(value).map(([name, inner]) => {
      if (typeof inner !== 'string') return promptOf(inner);
      return name.includes('prompt') && !name.includes('negative') ? inner : '';
    }),
  );
};

const joined = (texts: readonly string[]): string => texts.filter((text) => text !== '').join(' ');
