import { Transform, type TransformCallback } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';

/** What a function says of its answer before the first byte of the body. */
export type Prelude = { statusCode?: number; headers?: Record<string, string>; cookies?: string[] };

export type StreamingHandler = (
  event: LambdaFunctionURLEvent,
  responseStream: ResponseStream,
  context: Context,
) => unknown;

/** Where a streaming function writes its answer; the body comes out on the other side. */
export class ResponseStream extends Transform {
  readonly #begin: (prelude: Prelude) => void;
  #prelude: Prelude = { headers: { 'content-type': 'application/octet-stream' } };
  #begun = false;

  /** `begin` is called once, with the first write. */
  constructor(begin: (prelude: Prelude) => void) {
    super();
    this.#begin = begin;
    // A function may write after its stream broke; that must not end the process.
    this.on('error', () => {});
  }

  setPrelude(prelude: Prelude): void {
    this.#prelude = prelude;
  }

  setContentType(contentType: string): void {
    this.#prelude = { ...this.#prelude, headers: { ...this.#prelude.headers, 'content-type': contentType } };
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#start(done, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.#start(done);
  }

  #start(done: TransformCallback, chunk?: Buffer): void {
    try {
      if (!this.#begun) this.#begin(this.#prelude);
      this.#begun = true;
      done(null, chunk);
    } catch (error) {
      done(error as Error);
    }
  }
}

/**
 * Gives functions the global that Lambda's Node.js runtime has for streaming. The SDK makes an `awslambda` of its own,
 * so it is the function that counts. Must run before a function is imported.
 */
export const installStreaming = (): void => {
  const scope = globalThis as { awslambda?: Record<string, unknown> };
  if (typeof scope.awslambda?.['streamifyResponse'] === 'function') return;
  scope.awslambda = {
    ...scope.awslambda,
    streamifyResponse: (handler: StreamingHandler) => handler,
    HttpResponseStream: {
      from: (stream: ResponseStream, prelude: Prelude) => {
        stream.setPrelude(prelude);
        return stream;
      },
    },
  };
};
