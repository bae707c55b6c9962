import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/** Large enough for whatever one read brings. */
const passing = Buffer.allocUnsafeSlow(65_536);

/** The piece of an answer, to keep. Should a version of Node hand on what lies in the buffer itself, it is copied. */
export const toKeep = (piece: Uint8Array): Uint8Array =>
  piece.buffer === passing.buffer ? Uint8Array.from(piece) : piece;

type Connection = Duplex | null | undefined;

/**
 * Reads everything through one buffer, since Node's parser copies what it hands on. A buffer of its own for each read
 * would be as much garbage again as the answer, outside the heap, where it brings V8 to collect everything.
 */
const throughOneBuffer = <Options extends object>(
  connect: (options: Options) => Connection,
  options: Options,
): Connection => {
  const callback = (bytes: number) => {
    connection?.emit('data', passing.subarray(0, bytes));
    return true;
  };
  const connection = connect({ ...options, onread: { buffer: passing, callback } });
  return connection;
};

export class OneBufferHttpAgent extends HttpAgent {
  override createConnection(options: ClientRequestArgs): Connection {
    return throughOneBuffer((changed) => super.createConnection(changed), options);
  }
}

export class OneBufferHttpsAgent extends HttpsAgent {
  override createConnection(options: RequestOptions): Connection {
    return throughOneBuffer((changed) => super.createConnection(changed), options);
  }
}
