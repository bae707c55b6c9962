import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';

/** What a function says of its answer before the first byte of the body. */
export type Prelude = { statusCode?: number; headers?: Record<string, string>; cookies?: string[] };

export type StreamingHandler = (
  event: LambdaFunctionURLEvent,
  responseStream: ResponseStream,
  context: Context,
) => Promise<unknown>;

/** Where a streaming function writes its answer. A client that has gone swallows the rest, as on Lambda. */
export class ResponseStream extends Writable {
  readonly #response: ServerResponse;
  #prelude: Prelude = { headers: { 'content-type': 'application/octet-stream' } };

  constructor(response: ServerResponse) {
    super();
    this.#response = response;
    // A function may write after its stream broke; that must not end the process.
    this.on('error', () => {});
  }

  setPrelude(prelude: Prelude): void {
    this.#prelude = prelude;
  }

  setContentType(contentType: string): void {
    this.#prelude = { ...this.#prelude, headers: { ...this.#prelude.headers, 'content-type': contentType } };
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    if (!this.#begin(callback)) return;
    if (this.#response.destroyed || this.#response.write(chunk)) {
      callback();
      return;
    }
    const proceed = () => {
      this.#response.off('drain', proceed).off('close', proceed);
      callback();
    };
    this.#response.on('drain', proceed).on('close', proceed);
  }

  /** What was just written and the end leave together. */
  override end(...rest: unknown[]): this {
    if (rest.length === 0 && this.writableLength === 0 && this.#response.headersSent) this.#response.end();
    return super.end(...(rest as []));
  }

  override _final(callback: (error?: Error) => void): void {
    if (!this.#begin(callback)) return;
    this.#response.end();
    callback();
  }

  /** Sends status and headers once. A prelude that HTTP does not allow breaks the stream. */
  #begin(fail: (error: Error) => void): boolean {
    if (this.#response.headersSent || this.#response.destroyed) return true;
    const { statusCode = 200, headers = {}, cookies = [] } = this.#prelude;
    try {
      this.#response.writeHead(
        statusCode,
        cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers,
      );
      return true;
    } catch (error) {
      fail(error as Error);
      return false;
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
