import { inBatches, isLastBatch } from './batches.ts';

/**
 * Makes a body of an answer's pieces: as it is when it is short, else a stream that keeps pace with its reader.
 *
 * @throws what the pieces throw before there is enough of them to begin.
 */
export const answerBody = async (
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> => {
  const batches = inBatches(pieces);
  const first = await batches.next();
  if (first.done) return new Uint8Array();
  return isLastBatch(first.value) ? first.value : streamOf(first.value, batches);
};

const streamOf = (first: Uint8Array, more: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> => {
  let next: Uint8Array | undefined = first;
  return new ReadableStream(
    {
      async pull(controller) {
        const batch = next ?? (await more.next()).value;
        next = undefined;
        if (batch === undefined) controller.close();
        else controller.enqueue(batch);
      },
      async cancel() {
        await more.return();
      },
    },
    // What the client has not taken waits at the provider, not here.
    { highWaterMark: 0 },
  );
};
