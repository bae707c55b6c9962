/**
 * What the text of a URL holds that parsers drop or change without a word, or that makes it unreadable without showing why:
 * spaces, line breaks, invisible characters, backslashes, and other than two slashes before the host.
 */
export const urlTextProblem = (url: string): string | undefined => {
  const at = url.search(strayCharacter);
  if (at === -1)
    return /^https?:(?:\/{3,}|\/?[^/])/i.test(url)
      ? 'must have two slashes between http: or https: and the host, as in https://example.com.'
      : undefined;
  const place =
    at === 0
      ? 'at its beginning'
      : url.slice(at).search(/\S/) === -1
        ? 'at its end'
        : `after ${at} characters`;
  return `must not contain ${nameOf(url.charAt(at))}, but has one ${place}; remove it, or write it percent-encoded.`;
};

const strayCharacter = /[\s\\\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

const nameOf = (character: string): string => {
  if (character === ' ') return 'a space';
  if (character === '\\') return 'a backslash';
  if (character === '\n' || character === '\r') return 'a line break';
  return character === '\t' ? 'a tab' : 'an invisible character';
};
