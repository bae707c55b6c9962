type Bytes = Uint8Array<ArrayBuffer>;

/** Less is not worth a write of its own. */
const smallestBatchBytes = 16_384;

/** Puts small pieces together and hands large ones on as they are. */
export const inBatches = async function* (
  pieces: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Bytes, void> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (waitingBytes < smallestBatchBytes) continue;
    yield together(waiting);
    waiting = [];
    waitingBytes = 0;
  }
  if (waitingBytes > 0) yield together(waiting);
};

/** A large piece mostly comes alone, and is not copied. */
const together = (pieces: readonly Uint8Array[]): Bytes => {
  const [first, ...more] = pieces;
  return first !== undefined && more.length === 0 ? (first as Bytes) : Buffer.concat(pieces);
};

/** Only at the end is there less than a batch should have. */
export const isLastBatch = ({ length }: Bytes): boolean => length < smallestBatchBytes;
