import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { literalAddress } from '../public-host.ts';
import { type Clock, secondMs } from '../time.ts';
import { type Durations, durationsOf, type Marks, stageOf } from './attempt-timing.ts';
import { BlockedAddressError, createGuardedLookup } from './guarded-lookup.ts';
import type { Resolve } from './resolve.ts';
import type { SendFailure } from './send-failure.ts';

type CallbackRequest = { url: string; headers: Record<string, string>; body: Buffer };

/** What is looked at of an answer. Its body never is. */
export type CallbackAnswer = {
  statusCode: number;
  retryAfter?: string;
  location?: string;
  /** `webhook-delivery`: what the receiver wants done with further attempts. */
  deliveryControl?: string;
};

export type SendResult = { startedAtMs: number; endedAtMs: number; durationsMs: Durations } & (
  | { answer: CallbackAnswer }
  | { failure: SendFailure }
);

/** Makes one HTTP request. Never rejects: whatever goes wrong is a result. */
export type SendCallback = (request: CallbackRequest) => Promise<SendResult>;

type SendLimits = { connectMs: number; totalMs: number; drainMs: number };
const defaultLimits: SendLimits = { connectMs: 5 * secondMs, totalMs: 15 * secondMs, drainMs: 2 * secondMs };

export type SendDependencies = {
  resolve: Resolve;
  /** Decides about the very address that is dialled, on every connection. */
  isAllowedAddress: (address: string) => boolean;
  now: Clock;
  limits?: SendLimits;
  /** PEM certificates to trust instead of the public ones. For tests. */
  trusted?: string;
};

const maxHeaderBytes = 16_384;
/** A small body is read, so that the receiver sees its answer taken; a larger one is cut off. */
const maxBodyBytes = 4_096;
/** Interim answers (1xx) reset the parser's limit on headers, so they are counted. */
const maxInterimAnswers = 10;

/** The attempt took too long, or the receiver said too much. */
class LimitError extends Error {
  override readonly name = 'LimitError';
  readonly code: 'CONNECT_TIME_LIMIT' | 'TOTAL_TIME_LIMIT' | 'INTERIM_LIMIT';
  constructor(code: LimitError['code']) {
    super(code);
    this.code = code;
  }
}

/**
 * Sends callbacks, test events and redeliveries alike. Deliberately plain `node:https`: it follows no redirect, obeys
 * no proxy variable, decompresses nothing, and its `lookup` is the one place where a name becomes an address.
 */
export const createSendCallback =
  (dependencies: SendDependencies): SendCallback =>
  async ({ url: text, headers, body }) => {
    const { isAllowedAddress, now, limits = defaultLimits } = dependencies;
    const url = new URL(text);
    const isSecure = url.protocol === 'https:';
    const literal = literalAddress(url.hostname);
    const marks: Marks = { startedAtMs: now() };
    const finish = (outcome: { answer: CallbackAnswer } | { failure: SendFailure }): SendResult => {
      const endedAtMs = now();
      const durationsMs = durationsOf(marks, endedAtMs);
      return { startedAtMs: marks.startedAtMs, endedAtMs, durationsMs, ...outcome };
    };

    // `lookup` is not asked about a literal address.
    if (literal !== undefined && !isAllowedAddress(literal))
      return finish({ failure: { code: 'BLOCKED_ADDRESS', stage: 'connect' } });

    const request = openRequest(url, headers, dependencies, () => {
      marks.resolvedAtMs = now();
    });
    const endOf = endOfRequest(request);
    const stopConnectTimer = limitTime(request, limits);
    const seen: { certificateEndsAt?: string | undefined; answer?: CallbackAnswer } = {};
    request.once('socket', (socket) =>
      watchSocket(socket, isSecure, {
        onConnect: (address) => {
          marks.connectedAtMs = now();
          if (!isAllowedAddress(address)) request.destroy(new BlockedAddressError());
        },
        onCertificate: (endsAt) => {
          seen.certificateEndsAt = endsAt;
        },
        onReady: () => {
          if (isSecure) marks.securedAtMs = now();
          stopConnectTimer();
        },
      }),
    );
    limitInterimAnswers(request);
    onAnswer(request, (response) => {
      marks.answeredAtMs = now();
      seen.answer = readHead(response);
      drain(request, response, limits.drainMs);
    });
    request.end(body);

    const error = await endOf;
    if (seen.answer !== undefined) return finish({ answer: seen.answer });
    const { certificateEndsAt } = seen;
    const failure = {
      code: error?.code ?? 'ECONNRESET',
      stage: stageOf(marks, { secure: isSecure, named: literal === undefined }),
      ...(certificateEndsAt !== undefined && { certificateEndsAt }),
    };
    return finish({ failure });
  };

const openRequest = (
  url: URL,
  headers: Record<string, string>,
  { resolve, isAllowedAddress, trusted }: SendDependencies,
  onResolved: () => void,
): ClientRequest =>
  (url.protocol === 'https:' ? https : http).request(url, {
    method: 'POST',
    headers,
    // A socket of its own: none is shared with another client's callbacks.
    agent: false,
    lookup: createGuardedLookup({ resolve, isAllowedAddress, onResolved }),
    maxHeaderSize: maxHeaderBytes,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(trusted !== undefined && { ca: trusted }),
  });

/** Ends a request that takes too long. Answers what to call once it is connected. */
const limitTime = (request: ClientRequest, { connectMs, totalMs }: SendLimits): (() => void) => {
  const endWith = (code: LimitError['code']) => () => request.destroy(new LimitError(code));
  const connectTimer = setTimeout(endWith('CONNECT_TIME_LIMIT'), connectMs);
  const totalTimer = setTimeout(endWith('TOTAL_TIME_LIMIT'), totalMs);
  const stopConnectTimer = () => clearTimeout(connectTimer);
  request.once('close', stopConnectTimer).once('close', () => clearTimeout(totalTimer));
  return stopConnectTimer;
};

/** Resolves when the connection is closed, with the first error if there was one. */
const endOfRequest = (request: ClientRequest): Promise<NodeJS.ErrnoException | undefined> => {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  let first: NodeJS.ErrnoException | undefined;
  request.on('error', (error) => {
    first ??= error;
  });
  request.once('close', () => resolve(first));
  return promise;
};

type SocketEvents = {
  onConnect(address: string): void;
  onCertificate(endsAt: string | undefined): void;
  /** The request can be sent. */
  onReady(): void;
};

const watchSocket = (socket: Socket, isSecure: boolean, events: SocketEvents): void => {
  socket.once('connect', () => {
    events.onConnect(socket.remoteAddress ?? '');
    if (!isSecure) events.onReady();
  });
  // Comes before the certificate is judged; once it is refused, the socket no longer knows it.
  socket.prependOnceListener('secure', () => {
    events.onCertificate((socket as TLSSocket).getPeerCertificate().valid_to);
  });
  socket.once('secureConnect', events.onReady);
};

const limitInterimAnswers = (request: ClientRequest): void => {
  let count = 0;
  request.on('information', () => {
    count += 1;
    if (count > maxInterimAnswers) request.destroy(new LimitError('INTERIM_LIMIT'));
  });
};

/** A switch of protocols counts as an answer. */
const onAnswer = (request: ClientRequest, take: (response: IncomingMessage) => void): void => {
  request.once('response', take);
  request.once('upgrade', take);
};

const readHead = ({ statusCode = 0, headers }: IncomingMessage): CallbackAnswer => {
  const { 'retry-after': retryAfter, location, 'webhook-delivery': deliveryControl } = headers;
  return {
    statusCode,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(location !== undefined && { location }),
    ...(typeof deliveryControl === 'string' && { deliveryControl }),
  };
};

/** Lets a small body pass. The status line has decided; nothing from here on changes the outcome. */
const drain = (request: ClientRequest, response: IncomingMessage, maxMs: number): void => {
  const timer = setTimeout(() => request.destroy(), maxMs);
  let bodyBytes = 0;
  response.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.length;
    if (bodyBytes > maxBodyBytes) request.destroy();
  });
  response.on('error', () => {});
  response.once('close', () => {
    clearTimeout(timer);
    request.destroy();
  });
  if (response.statusCode === 101) request.destroy();
};
