import { readSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * A function's instance from its start to its first answer: `node cold-instance.mjs <bundle> <event as JSON>`. Loads
 * the bundle, says so, waits for a byte, hands over the event, and says what it took. Loads as little as it can itself.
 */
const [bundle = '', eventText = '{}'] = process.argv.slice(2);

type Streaming = (event: unknown, stream: Writable, context: unknown) => Promise<unknown>;

class Answer extends Writable {
  statusCode = 200;
  body = '';
  override _write(chunk: Buffer, _encoding: string, callback: () => void) {
    this.body += chunk;
    callback();
  }
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Streaming) => handler,
    HttpResponseStream: {
      from: (stream: Answer, { statusCode = 200 }: { statusCode?: number }) =>
        Object.assign(stream, { statusCode }),
    },
  },
});

const say = (value: object) => writeSync(1, `${JSON.stringify(value)}\n`);
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
/** Without an event loop, whose parts the function should load itself. */
const waitForByte = () => {
  for (;;)
    try {
      return readSync(0, Buffer.alloc(1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
};

// The function's own log lines go the way that they would go; the figures have a line of their own.
const bootCpuMs = cpuMs();
const { handler } = (await import(bundle)) as { handler: Streaming };
const initCpuMs = cpuMs() - bootCpuMs;
say({ bench: 'initialised', bootCpuMs, initCpuMs });
waitForByte();

const event = JSON.parse(eventText);
const answer = new Answer();
const before = cpuMs();
const startedAtMs = performance.now();
await handler(event, answer, { awsRequestId: 'cold' });
say({
  bench: 'answered',
  firstCpuMs: cpuMs() - before,
  firstWallMs: performance.now() - startedAtMs,
  statusCode: answer.statusCode,
  body: answer.body.slice(0, 300),
  rssMb: process.memoryUsage.rss() / 2 ** 20,
});
process.exit();
