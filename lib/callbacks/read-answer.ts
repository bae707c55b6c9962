import { minuteMs } from '../time.ts';
import { retryAfterMs } from './retry-after.ts';
import type { RetryHints } from './retry-schedule.ts';
import type { CallbackAnswer, SendResult } from './send-callback.ts';
import { type ErrorClass, type ExplainedFailure, explainFailure } from './send-failure.ts';

/** How an attempt ended. `final`: no further attempt can change it. */
export type AttemptOutcome = { statusCode?: number } & (
  | { delivered: true }
  | ({ delivered: false; final: boolean; errorClass: ErrorClass; cause: string } & RetryHints)
);

/** How long an overloaded receiver is left alone at least. */
const overloadDelayMs = minuteMs;
const overloadStatuses: readonly number[] = [429, 502, 504];

/** The part of a URL that may be shown: a query can hold a credential. */
const shown = (url: URL): string => `${url.origin}${url.pathname}`.slice(0, 300);

const explainRedirect = ({ location, statusCode }: CallbackAnswer, url: string): string => {
  const target = location !== undefined && URL.canParse(location, url) ? new URL(location, url) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol) || shown(target) === shown(new URL(url)))
    return `your server answered ${statusCode} and redirects, which is not followed; answer with 2xx`;
  return `your server redirects to ${shown(target)}: use that URL`;
};

/** The commonest reasons for a refusal. */
const signatureCheck =
  'if it checks signatures, compare its secret with GET /v1/callbacks/secret of the workspace whose key submitted the task, and verify the raw body';
const firstChecks: Readonly<Record<number, string>> = {
  400: signatureCheck,
  401: signatureCheck,
  403: signatureCheck,
  404: 'check the path of the callback URL',
  405: 'it must take POST at the callback URL',
};

const explainStatus = (answer: CallbackAnswer, url: string): ExplainedFailure => {
  const { statusCode } = answer;
  if (statusCode < 200)
    return {
      errorClass: 'bad_response',
      cause: `your server answered ${statusCode}, which is no end of a request`,
    };
  if (statusCode < 400) return { errorClass: 'redirect', cause: explainRedirect(answer, url) };
  if (statusCode === 410)
    return { errorClass: 'gone', cause: 'your server answered 410, which ends the delivery of this event' };
  if (statusCode === 429)
    return { errorClass: 'rate_limited', cause: 'your server answered 429: too many requests' };
  if (statusCode < 500) {
    const advice = firstChecks[statusCode];
    const cause = `your server answered ${statusCode}${advice === undefined ? '' : `: ${advice}`}`;
    return { errorClass: 'http_4xx', cause };
  }
  return { errorClass: 'http_5xx', cause: `your server answered ${statusCode}` };
};

const readStatus = (answer: CallbackAnswer, url: string, endedAtMs: number): AttemptOutcome => {
  const { statusCode } = answer;
  if (statusCode >= 200 && statusCode < 300) return { statusCode, delivered: true };
  const explained = explainStatus(answer, url);
  const aborted = answer.deliveryControl?.trim() === 'abort-message';
  const hintMs = retryAfterMs(answer.retryAfter, endedAtMs);
  return {
    statusCode,
    delivered: false,
    ...explained,
    ...(aborted && { cause: `${explained.cause} and asked for no further attempts (webhook-delivery)` }),
    final: aborted || statusCode === 410,
    ...(hintMs !== undefined && { retryAfterMs: hintMs }),
    ...(overloadStatuses.includes(statusCode) && { minDelayMs: overloadDelayMs }),
  };
};

/** Decides what an attempt came to, by its status line alone. */
export const readAnswer = (result: SendResult, url: string): AttemptOutcome => {
  if ('answer' in result) return readStatus(result.answer, url, result.endedAtMs);
  const explained = explainFailure(result.failure, new URL(url).hostname);
  return {
    delivered: false,
    ...explained,
    // To repeat it would let a caller probe what the gateway can see.
    final: explained.errorClass === 'blocked_address',
    ...(explained.errorClass === 'timeout' && { minDelayMs: overloadDelayMs }),
  };
};

const overloadClasses: readonly ErrorClass[] = [
  'dns',
  'connect',
  'tls',
  'timeout',
  'reset',
  'rate_limited',
  'http_5xx',
];

/** Whether the failure says that the receiver as a whole is in trouble, and not merely that it disliked this event. */
export const isOverload = (outcome: AttemptOutcome): boolean =>
  !outcome.delivered && overloadClasses.includes(outcome.errorClass);
