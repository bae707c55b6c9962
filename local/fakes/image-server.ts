import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { hasMagicWord, magicSeconds } from '../../lib/sandbox/magic-prompts.ts';
import { listenOnLoopback, loopback, stopListening } from '../cloud/loopback.ts';

export type FakeImageProviderOptions = {
  /** 0 or absent: any free one. */
  port?: number;
  /** How long an image takes whose prompt contains `[slow]`. */
  seconds?: number;
  apiKey?: string;
  now?: () => number;
};

export type JsonBody = Record<string, unknown>;
type RecordedRequest = { path: string; headers: IncomingHttpHeaders; body: JsonBody };

/** `cut`: half of the answer. `no response`: none, ever. */
export type Reply =
  | { status: number; body: object; headers?: Record<string, string>; cut?: true }
  | 'reset'
  | 'no response';

/** What a prompt can ask a fake for. */
type Fault = 'fail' | 'busy' | 'refused';

export type FakeImageProvider = {
  url: string;
  /** Everything that was asked, in order. */
  requests: readonly RecordedRequest[];
  /** The answers to the next requests, whatever they ask for; after those it answers as always. None before `until`. */
  behave(changes: { replies: readonly Reply[]; until?: Promise<unknown> }): void;
  close(): Promise<void>;
};

type Provider = {
  /** The part of the address that belongs to the base URL. */
  basePath: string;
  promptOf(body: JsonBody): string;
  /** Answers a request as the provider would, refusing what it refuses. */
  answer(request: RecordedRequest): Reply;
  faults: Readonly<Record<Fault, Reply>>;
};

/** What all fake image providers share: a server that records, and faults that a prompt asks for. */
export const startImageServer = async (
  { promptOf, answer, faults, basePath }: Provider,
  { port = 0, seconds = 0 }: FakeImageProviderOptions,
): Promise<FakeImageProvider> => {
  const requests: RecordedRequest[] = [];
  let replies: Reply[] = [];
  let until: Promise<unknown> | undefined;

  const reply = async (request: RecordedRequest): Promise<Reply> => {
    const prompt = promptOf(request.body);
    await wait(1_000 * (magicSeconds(prompt) ?? (hasMagicWord(prompt, 'slow') ? seconds : 0)));
    if (hasMagicWord(prompt, 'lost')) return 'reset';
    const fault = (Object.keys(faults) as Fault[]).find((name) => hasMagicWord(prompt, name));
    const usual = answer(request);
    return fault !== undefined && isSuccess(usual) ? faults[fault] : usual;
  };

  const server = createServer(async (incoming, response) => {
    const request = await record(incoming);
    requests.push(request);
    const prepared = replies.shift();
    await until;
    send(response, incoming.method === 'POST' ? (prepared ?? (await reply(request))) : notFound);
  });
  const actualPort = await listenOnLoopback(server, port);
  return {
    url: `http://${loopback}:${actualPort}${basePath}`,
    requests,
    behave: (changes) => {
      replies = [...changes.replies];
      until = changes.until;
    },
    close: () => stopListening(server),
  };
};

const notFound: Reply = { status: 404, body: { error: 'there is only POST here' } };

const isSuccess = (reply: Reply): boolean => typeof reply === 'object' && reply.status === 200;

const record = async (incoming: IncomingMessage): Promise<RecordedRequest> => {
  const content = await text(incoming);
  return { path: incoming.url ?? '/', headers: incoming.headers, body: parse(content) };
};

const parse = (content: string): JsonBody => {
  try {
    return Object(JSON.parse(content)) as JsonBody;
  } catch {
    return {};
  }
};

const send = (response: ServerResponse, reply: Reply): void => {
  if (reply === 'no response') return;
  if (reply === 'reset') {
    response.destroy();
    return;
  }
  const content = JSON.stringify(reply.body);
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  if (reply.cut) response.write(content.slice(0, content.length / 2), () => response.destroy());
  else response.end(content);
};
