/**
 * What a URL holds that parsers drop without a word, or that makes it unreadable without showing why: spaces, line breaks
 * and invisible characters.
 */
export const strayCharacterProblem = (url: string): string | undefined => {
  const at = url.search(strayCharacter);
  if (at === -1) return undefined;
  const place =
    at === 0
      ? 'at its beginning'
      : url.slice(at).search(/\S/) === -1
        ? 'at its end'
        : `after ${at} characters`;
  return `must not contain ${nameOf(url.charAt(at))}, but has one ${place}; remove it, or write it percent-encoded.`;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const strayCharacter = /[\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]/;

const nameOf = (character: string): string => {
  if (character === ' ') return 'a space';
  if (character === '\n' || character === '\r') return 'a line break';
  return character === '\t' ? 'a tab' : 'an invisible character';
};
