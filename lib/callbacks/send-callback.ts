import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../time.ts';
import { secondMs } from '../time.ts';
import { literalAddress } from './address.ts';
import { type Durations, durationsOf, type Marks, stageOf } from './attempt-timing.ts';
import type { Resolve } from './resolve.ts';
import type { SendFailure } from './send-failure.ts';

export type CallbackRequest = { url: string; headers: Record<string, string>; body: Buffer };

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

export type SendLimits = { connectMs: number; totalMs: number; drainMs: number };
export const sendLimits: SendLimits = {
  connectMs: 5 * secondMs,
  totalMs: 15 * secondMs,
  drainMs: 2 * secondMs,
};

export type SendDependencies = {
  resolve: Resolve;
  /** Decides about the very address that is dialled, on every connection. */
  isAllowedAddress: (address: string) => boolean;
  now: Clock;
  limits?: SendLimits;
  /** PEM certificates to trust instead of the public ones. For tests. */
  trusted?: string;
};

const largestHeaders = 16_384;
/** A small body is read, so that the receiver sees its answer taken; a larger one is cut off. */
const mostBodyBytes = 4_096;
/** Interim answers (1xx) reset the parser's limit on headers, so they are counted. */
const mostInterimAnswers = 10;

class BlockedAddressError extends Error {
  readonly code = 'BLOCKED_ADDRESS';
}
class TimeLimitError extends Error {
  readonly code: 'CONNECT_TIME_LIMIT' | 'TOTAL_TIME_LIMIT';
  constructor(code: TimeLimitError['code']) {
    super(code);
    this.code = code;
  }
}

/**
 * Sends callbacks, test events and redeliveries alike. Deliberately plain `node:https`: it follows no redirect, obeys
 * no proxy variable, decompresses nothing, and its `lookup` is the one place where a name becomes an address.
 */
export const createSendCallback =
  ({ resolve, isAllowedAddress, now, limits = sendLimits, trusted }: SendDependencies): SendCallback =>
  (callback) => {
    const url = new URL(callback.url);
    const marks: Marks = { startedAtMs: now() };

    /** Refuses when any of a name's addresses is not allowed: which one gets dialled is not ours to choose. */
    const guardedLookup: LookupFunction = (host, options, done) => {
      resolve(host).then(
        (addresses) => {
          marks.resolvedAtMs = now();
          const [first] = addresses;
          if (first === undefined) return done(Object.assign(new Error(host), { code: 'ENOTFOUND' }), '');
          if (!addresses.every(isAllowedAddress)) return done(new BlockedAddressError(), '');
          if (!options.all) return done(null, first, isIP(first));
          return done(
            null,
            addresses.map((address) => ({ address, family: isIP(address) })),
          );
        },
        (error: NodeJS.ErrnoException) => done(error, ''),
      );
    };

    const { promise, resolve: settle } = Promise.withResolvers<SendResult>();
    const finish = (outcome: { answer: CallbackAnswer } | { failure: SendFailure }) => {
      const endedAtMs = now();
      settle({
        startedAtMs: marks.startedAtMs,
        endedAtMs,
        durationsMs: durationsOf(marks, endedAtMs),
        ...outcome,
      });
    };

    // A literal address is dialled without asking `lookup`, so it is checked here.
    const literal = literalAddress(url.hostname);
    if (literal !== undefined && !isAllowedAddress(literal)) {
      finish({ failure: { code: 'BLOCKED_ADDRESS', stage: 'connect' } });
      return promise;
    }

    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: callback.headers,
      // A socket of its own: none is shared with another client's callbacks.
      agent: false,
      lookup: guardedLookup,
      maxHeaderSize: largestHeaders,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(trusted !== undefined && { ca: trusted }),
    });

    let certificateEndsAt: string | undefined;
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        marks.connectedAtMs = now();
        if (!isAllowedAddress(socket.remoteAddress ?? '')) request.destroy(new BlockedAddressError());
        else if (url.protocol === 'http:') clearTimeout(connectTimer);
      });
      // Fires before the certificate is judged; afterwards the socket no longer knows it.
      socket.prependOnceListener('secure', () => {
        certificateEndsAt = (socket as TLSSocket).getPeerCertificate().valid_to;
      });
      socket.once('secureConnect', () => {
        marks.securedAtMs = now();
        clearTimeout(connectTimer);
      });
    });

    let answer: CallbackAnswer | undefined;
    const end = (error?: Error) => {
      clearTimeout(connectTimer);
      clearTimeout(totalTimer);
      if (answer !== undefined) return finish({ answer });
      const stage = stageOf(marks, { secure: url.protocol === 'https:', named: literal === undefined });
      const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'ECONNRESET';
      return finish({ failure: { code, stage, ...(certificateEndsAt && { certificateEndsAt }) } });
    };
    const connectTimer = setTimeout(
      () => request.destroy(new TimeLimitError('CONNECT_TIME_LIMIT')),
      limits.connectMs,
    );
    const totalTimer = setTimeout(
      () => request.destroy(new TimeLimitError('TOTAL_TIME_LIMIT')),
      limits.totalMs,
    );

    const takeAnswer = ({ statusCode = 0, headers }: http.IncomingMessage) => {
      marks.answeredAtMs = now();
      const deliveryControl = headers['webhook-delivery'];
      answer = {
        statusCode,
        ...(headers['retry-after'] !== undefined && { retryAfter: headers['retry-after'] }),
        ...(headers.location !== undefined && { location: headers.location }),
        ...(typeof deliveryControl === 'string' && { deliveryControl }),
      };
    };

    let interimAnswers = 0;
    request.on('information', () => {
      interimAnswers += 1;
      if (interimAnswers > mostInterimAnswers)
        request.destroy(Object.assign(new Error(), { code: 'HPE_INTERIM' }));
    });
    request.once('upgrade', (response) => {
      takeAnswer(response);
      request.destroy();
    });
    request.once('response', (response) => {
      // The status line decides; what happens to the body from here on changes nothing.
      takeAnswer(response);
      const drainTimer = setTimeout(() => request.destroy(), limits.drainMs);
      let bodyBytes = 0;
      response.on('data', (chunk: Buffer) => {
        bodyBytes += chunk.length;
        if (bodyBytes > mostBodyBytes) request.destroy();
      });
      response.once('error', () => request.destroy());
      response.once('close', () => {
        clearTimeout(drainTimer);
        request.destroy();
      });
    });
    let failure: Error | undefined;
    request.once('error', (error) => {
      failure = error;
    });
    request.once('close', () => end(failure));
    request.end(callback.body);
    return promise;
  };
