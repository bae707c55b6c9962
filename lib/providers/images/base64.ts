/** `\u003d` is the longest way in which JSON writes one character. */
const longestEscape = 6;

/**
 * Decodes base64 that arrives in pieces of JSON text: some writers put a backslash before each slash, others write
 * the padding as `\u003d`.
 */
export const decodeBase64 = async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting = '';
  for await (const piece of pieces) {
    const text = waiting + latin1Of(piece);
    const readable = text.slice(0, endOfWholeEscapes(text));
    const digits = withoutEscapes(readable);
    const usable = digits.length - (digits.length % 4);
    waiting = digits.slice(usable) + text.slice(readable.length);
    if (usable > 0) yield Buffer.from(digits.slice(0, usable), 'base64');
  }
  const last = Buffer.from(withoutEscapes(waiting), 'base64');
  if (last.length > 0) yield last;
};

const latin1Of = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

/** Before an escape that the next piece may complete. */
const endOfWholeEscapes = (text: string): number => {
  const end = Math.max(0, text.length - longestEscape + 1);
  const cut = text.slice(end).lastIndexOf('\\');
  return cut === -1 ? text.length : end + cut;
};

const withoutEscapes = (text: string): string =>
  text.includes('\\')
    ? text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_escape, code?: string, character?: string) =>
        code === undefined ? (character === '/' ? '/' : '') : String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;
