import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/**
 * A function's instance that goes on living: `node warm-instance.mjs <bundle>`. Each line of its input is a round of
 * events, each line of its output what the round took. The function's own log goes to standard output too, unread.
 */
export type Round = { event: object; count: number; atOnce: number };
export type RoundFigures = {
  cpuMs: number;
  wallMs: number;
  /** Of each event, in the order in which they ended. */
  eventMs: number[];
  answeredBytes: number;
  failures: number;
};

type Handler = (event: unknown, stream: Writable, context: unknown) => Promise<unknown>;

class Answer extends Writable {
  statusCode = 200;
  bytes = 0;
  override _write(chunk: Buffer, _encoding: string, callback: () => void) {
    this.bytes += chunk.length;
    callback();
  }
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler) => handler,
    HttpResponseStream: {
      from: (stream: Answer, { statusCode = 200 }: { statusCode?: number }) =>
        Object.assign(stream, { statusCode }),
    },
  },
});

const { handler } = (await import(process.argv[2] ?? '')) as { handler: Handler };

const runRound = async ({ event, count, atOnce }: Round): Promise<RoundFigures> => {
  const figures = { eventMs: [] as number[], answeredBytes: 0, failures: 0 };
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const answer = new Answer();
      const startedAtMs = performance.now();
      const result = await handler(event, answer, { awsRequestId: 'warm' });
      figures.eventMs.push(performance.now() - startedAtMs);
      figures.answeredBytes += answer.bytes;
      const failed = (result as { batchItemFailures?: unknown[] } | undefined)?.batchItemFailures ?? [];
      if (answer.statusCode >= 300 || failed.length > 0) figures.failures += 1;
    }
  };
  const before = process.cpuUsage();
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  const { user, system } = process.cpuUsage(before);
  return {
    ...figures,
    cpuMs: (user + system) / 1_000,
    wallMs: performance.now() - startedAtMs,
  };
};

process.stdout.write(`${JSON.stringify({ bench: 'ready' })}\n`);
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify({ bench: 'round', ...(await runRound(JSON.parse(line))) })}\n`);
process.exit();
