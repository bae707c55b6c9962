import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';
import { patience } from './patience.ts';

export type ReceivedCall = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came, for signatures. */
  body: string;
  arrivedAtMs: number;
};

/** `never`: takes the call and stays silent. */
type ReceiverAnswer =
  | 'never'
  | { status?: number; headers?: Record<string, string>; body?: string; delayMs?: number };

export type Receiver = {
  url: string;
  /** Everything that arrived, oldest first. */
  calls: readonly ReceivedCall[];
  /** How the next calls are answered, one after another. All later ones get a 200. */
  answer(...answers: ReceiverAnswer[]): void;
  /** The oldest call that was not yet asked for. */
  next(): Promise<ReceivedCall>;
  /** The first calls, as soon as there are that many. */
  waitFor(count: number): Promise<ReceivedCall[]>;
  stop(): Promise<void>;
};

/** A client's callback receiver. */
export const startReceiver = async (port = 0): Promise<Receiver> => {
  const calls: ReceivedCall[] = [];
  const answers: ReceiverAnswer[] = [];
  let asked = 0;
  let arrival = Promise.withResolvers<void>();

  const server = createServer(async (request, response) => {
    const arrivedAtMs = Date.now();
    request.on('error', () => {});
    const body = await text(request).catch(() => '');
    const { method = '', url: path = '', headers } = request;
    const answer = answers.shift() ?? {};
    calls.push({ method, path, headers, body, arrivedAtMs });
    arrival.resolve();
    arrival = Promise.withResolvers();
    await give(answer, response);
  });
  const actualPort = await listenOnLoopback(server, port);

  const waitFor = async (count: number): Promise<ReceivedCall[]> => {
    const timeLimit = AbortSignal.timeout(patience.timeout);
    const giveUp = new Promise<never>((_resolve, reject) => {
      timeLimit.addEventListener('abort', () =>
        reject(new Error(`The receiver got ${calls.length} calls, not ${count}.`)),
      );
    });
    // Where the calls came in time, nobody hears of it.
    giveUp.catch(() => {});
    while (calls.length < count) await Promise.race([arrival.promise, giveUp]);
    return calls.slice(0, count);
  };

  return {
    url: `http://${loopback}:${actualPort}`,
    calls,
    answer: (...more) => {
      answers.push(...more);
    },
    async next() {
      asked += 1;
      return (await waitFor(asked))[asked - 1] as ReceivedCall;
    },
    waitFor,
    stop: () => stopListening(server),
  };
};

const give = async (answer: ReceiverAnswer, response: ServerResponse) => {
  if (answer === 'never') return;
  const { status = 200, headers = {}, body = '', delayMs = 0 } = answer;
  await sleep(delayMs);
  response.writeHead(status, headers).end(body);
};
