import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/**
 * Runs inside each function under MiniStack. It gives what MiniStack's Lambda lacks: response streaming, here
 * collected, and a way to let callbacks reach this machine, which the gateway refuses on AWS.
 */
type Prelude = { statusCode?: number; headers?: Record<string, string>; cookies?: string[] };

class CollectedResponse extends Writable {
  prelude: Prelude = {};
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#chunks.push(chunk);
    callback();
  }

  setContentType(contentType: string): void {
    this.prelude = { ...this.prelude, headers: { 'content-type': contentType } };
  }

  /** As Lambda's runtime puts it on the wire: what is said of the answer, eight zero bytes, the body. */
  get answer(): string {
    const prelude = JSON.stringify({ statusCode: 200, ...this.prelude });
    return `${prelude}${'\0'.repeat(8)}${Buffer.concat(this.#chunks).toString('utf8')}`;
  }
}

type StreamingHandler = (event: unknown, response: CollectedResponse, context: unknown) => Promise<unknown>;

(globalThis as { awslambda?: object }).awslambda = {
  // A handler may stand in another one, which hands it the stream; MiniStack calls the outermost with none.
  streamifyResponse:
    (handler: StreamingHandler) => async (event: unknown, given: unknown, context: unknown) => {
      if (given instanceof CollectedResponse) return handler(event, given, context);
      const response = new CollectedResponse();
      await handler(event, response, given);
      await finished(response);
      return response.answer;
    },
  HttpResponseStream: {
    from: (response: CollectedResponse, prelude: Prelude) => {
      response.prelude = prelude;
      return response;
    },
  },
};

const hidden = 'AWS_LAMBDA_FUNCTION_NAME';
// biome-ignore lint/style/noProcessEnv: this stands between the environment and the function
const environment = process.env;
delete environment[hidden];
const withoutFunctionName = new Proxy(environment, {
  set: (target, name, value) => name === hidden || Reflect.set(target, name, value),
});
Object.defineProperty(process, 'env', { value: withoutFunctionName });
