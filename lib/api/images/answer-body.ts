import { inBatches } from './batches.ts';

/** All of an answer, or pieces that keep pace with who takes them. */
export type AnswerBody = Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;

/**
 * Makes a body of an answer's pieces: as it is when it is short, else pieces that keep pace with who takes them.
 *
 * @throws what the pieces throw before there is enough of them to begin.
 */
export const answerBody = async (pieces: AsyncIterable<string | Uint8Array>): Promise<AnswerBody> => {
  const batches = inBatches(pieces);
  const first = await batches.next();
  if (first.done) return new Uint8Array();
  const second = await batches.next();
  return second.done ? first.value : beginningWith([first.value, second.value], batches);
};

const beginningWith = async function* (
  taken: readonly Uint8Array[],
  more: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* taken;
    yield* more;
  } finally {
    await more.return();
  }
};
