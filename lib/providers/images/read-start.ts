/**
 * Reads on until so many bytes are there or no more come. `whole` is all there was, if it ended within them; `all`
 * yields everything, what was read included, and breaks off where the source did.
 */
export const readStart = async (
  source: AsyncIterable<Uint8Array>,
  enoughBytes: number,
): Promise<{ whole?: Buffer; all: AsyncIterable<Uint8Array> }> => {
  const iterator = source[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  const following = (async function* () {
    yield* start;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  let bytes = 0;
  try {
    while (bytes < enoughBytes) {
      const next = await iterator.next();
      if (next.done) return { whole: Buffer.concat(start), all: following };
      start.push(next.value);
      bytes += next.value.length;
    }
  } catch (error) {
    return { all: thenThrowing(start, error) };
  }
  return { all: following };
};

const thenThrowing = async function* (chunks: Iterable<Uint8Array>, error: unknown) {
  yield* chunks;
  throw error;
};
