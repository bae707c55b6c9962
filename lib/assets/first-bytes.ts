/**
 * Looks at the first `count` bytes of a stream without losing them: fewer only when the stream is shorter. `all`
 * yields everything, those bytes included; giving up `all` early gives up the source too.
 */
export const readFirstBytes = async (
  source: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ first: Buffer; all: AsyncIterable<Uint8Array> }> => {
  const iterator = source[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  while (first.length < count) {
    const next = await iterator.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  return {
    first,
    all: (async function* () {
      try {
        yield first;
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
      } finally {
        await iterator.return?.();
      }
    })(),
  };
};
