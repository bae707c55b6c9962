import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';
import { patience } from '../support/patience.ts';

type Invocation = {
  /** What the function answered, as it came over the wire. */
  payload: Buffer;
  /** Whether it was sent in pieces as it was made. */
  streamed: boolean;
  /** What the runtime reported behind a streamed answer that is not whole; Lambda then cuts the client off. */
  brokenBy: string | undefined;
};

/** One Lambda execution environment: a process of its own with AWS's runtime interface client, as on Lambda. */
export type ExecutionEnvironment = {
  /** One at a time. Rejects where Lambda reports an error: the function threw, crashed or ran out of time. */
  invoke(event: unknown): Promise<Invocation>;
  /** What happens at the function's time limit, whatever it is about to do. */
  runOutOfTime(): void;
  /** Between invocations Lambda gives an environment no processor at all. */
  freeze(): void;
  thaw(): void;
  /** How many processes there have been. Another one replaces each that died. */
  starts(): number;
  stop(): Promise<void>;
};

type Options = {
  /** The folder with `index.mjs`. */
  bundle: string;
  environment: Record<string, string>;
  memoryMb?: number;
};

type Job = { id: string; event: unknown; begun: boolean; settle: PromiseWithResolvers<Invocation> };

const timeLimitMs = patience.timeout;

const runtimeClient = createRequire(import.meta.url).resolve('aws-lambda-ric');
const nativeClient = new URL('native-client.ts', import.meta.url).href;

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const startExecutionEnvironment = async (options: Options): Promise<ExecutionEnvironment> => {
  let waiting: ServerResponse | undefined;
  let job: Job | undefined;
  let child: ChildProcess | undefined;
  let starts = 0;
  let invocations = 0;

  /** Once for each job: the runtime asks for the next while its answer to the last may still be on its way. */
  const handOver = () => {
    if (!job || job.begun || !waiting) return;
    job.begun = true;
    waiting.setHeader('lambda-runtime-aws-request-id', job.id);
    waiting.setHeader('lambda-runtime-deadline-ms', String(Date.now() + timeLimitMs));
    waiting.setHeader(
      'lambda-runtime-invoked-function-arn',
      'arn:aws:lambda:us-east-1:000000000000:function:f',
    );
    waiting.end(JSON.stringify(job.event));
    waiting = undefined;
  };

  /** Lambda's Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). */
  const runtimeApi = createServer(async (request, response) => {
    if (request.url?.endsWith('/invocation/next')) {
      waiting = response;
      handOver();
      return;
    }
    const streamed = request.headers['lambda-runtime-function-response-mode'] === 'streaming';
    const payload = await read(request).catch(() => Buffer.alloc(0));
    response.writeHead(202).end('{}');
    const brokenBy = request.trailers['lambda-runtime-function-error-type'];
    const [, id, kind] = /\/([^/]+)\/(response|error)$/.exec(request.url ?? '') ?? [];
    if (job && kind === 'error' && [job.id, 'init'].includes(id ?? ''))
      job.settle.reject(new Error(`the function failed: ${payload}`));
    else if (job?.id === id) job?.settle.resolve({ payload, streamed, brokenBy });
  });
  runtimeApi.keepAliveTimeout = 0;
  const port = await listenOnLoopback(runtimeApi, 0);

  const start = (): ChildProcess => {
    starts += 1;
    const { bundle, environment, memoryMb = 256 } = options;
    const started = spawn(
      process.execPath,
      [`--max-old-space-size=${memoryMb}`, '--import', nativeClient, runtimeClient, 'index.handler'],
      {
        cwd: bundle,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          ...environment,
          AWS_LAMBDA_RUNTIME_API: `${loopback}:${port}`,
          AWS_LAMBDA_FUNCTION_NAME: 'function',
          AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/function',
          AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          LAMBDA_TASK_ROOT: bundle,
          _HANDLER: 'index.handler',
        },
      },
    );
    let complaints = '';
    started.stderr?.on('data', (chunk) => {
      complaints += chunk;
    });
    started.once('exit', (code, signal) => {
      waiting = undefined;
      if (child === started) child = undefined;
      job?.settle.reject(new Error(`the process ended (${signal ?? code}): ${complaints.slice(-2_000)}`));
    });
    return started;
  };

  return {
    async invoke(event) {
      const settle = Promise.withResolvers<Invocation>();
      invocations += 1;
      job = { id: `request-${invocations}`, event, begun: false, settle };
      child ??= start();
      handOver();
      const timer = setTimeout(() => child?.kill('SIGKILL'), timeLimitMs);
      try {
        return await settle.promise;
      } finally {
        clearTimeout(timer);
        job = undefined;
      }
    },
    runOutOfTime: () => void child?.kill('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    starts: () => starts,
    async stop() {
      const running = child;
      if (running) {
        const ended = once(running, 'exit');
        running.kill('SIGKILL');
        await ended;
      }
      await stopListening(runtimeApi);
    },
  };
};
