import type { IncomingMessage } from 'node:http';
import { BrokenAnswerError } from '../image-provider.ts';
import { toKeep } from './one-buffer-agents.ts';

type Next = IteratorResult<Uint8Array, undefined>;

/** What may wait for its reader: about what one read from a connection brings. */
const roomBytes = 65_536;

/**
 * The pieces of an answer as they arrive; little more is taken in than is asked for. Node's own iterator costs several
 * times as much, and joins the pieces.
 *
 * @throws BrokenAnswerError when the answer ends too early.
 */
export const answerPieces = (answer: IncomingMessage): AsyncIterable<Uint8Array> => {
  const arrived: Uint8Array[] = [];
  let arrivedBytes = 0;
  let end: 'whole' | 'broken' | undefined;
  let cause: Error | undefined;
  let reader: PromiseWithResolvers<Next> | undefined;

  const serveReader = () => {
    if (reader === undefined) return;
    const { resolve, reject } = reader;
    const piece = arrived.shift();
    if (piece !== undefined) {
      arrivedBytes -= piece.length;
      resolve({ value: piece });
    } else if (end === 'whole') resolve({ done: true, value: undefined });
    else if (end === 'broken') reject(new BrokenAnswerError('the answer broke off', { cause }));
    else return;
    reader = undefined;
  };
  const endWith = (how: 'whole' | 'broken') => {
    end ??= how;
    serveReader();
  };

  answer
    .on('data', (piece: Buffer) => {
      arrived.push(toKeep(piece));
      arrivedBytes += piece.length;
      serveReader();
      if (arrivedBytes >= roomBytes) answer.pause();
    })
    .on('end', () => endWith('whole'))
    .on('error', (error) => {
      cause = error;
      endWith('broken');
    })
    .on('close', () => endWith('broken'));

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next() {
      reader = Promise.withResolvers();
      const { promise } = reader;
      serveReader();
      if (arrivedBytes < roomBytes && answer.isPaused()) answer.resume();
      return promise;
    },
    async return() {
      if (end === undefined) answer.destroy();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
};
