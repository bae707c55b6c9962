export const quote = 0x22;
export const backslash = 0x5c;

/** One character a byte: JSON's own characters are ASCII, and the others stay what they are. */
export const sliceOf = (bytes: Buffer, from: number, until: number): string =>
  bytes.toString('latin1', from, until);

/** Whether the byte after `bytes` is escaped by a backslash at their end. */
export const endsInEscape = (bytes: Buffer, afterBackslash: boolean): boolean => {
  let backslashes = 0;
  while (bytes[bytes.length - 1 - backslashes] === backslash) backslashes += 1;
  return (backslashes + (afterBackslash && backslashes === bytes.length ? 1 : 0)) % 2 === 1;
};

/** Where the quote is that ends a string; `undefined` when it is not in this chunk. */
export const endOfString = (chunk: Buffer, from: number, afterBackslash: boolean): number | undefined => {
  for (let end = chunk.indexOf(quote, from); end !== -1; end = chunk.indexOf(quote, end + 1))
    if (!endsInEscape(chunk.subarray(from, end), afterBackslash)) return end;
  return undefined;
};
