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
    const isLarge = bytes.length >= smallestBatchBytes;
    if (!isLarge) {
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes < smallestBatchBytes) continue;
    }
    if (waitingBytes > 0) yield Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    if (isLarge) yield bytes as Bytes;
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting);
};
