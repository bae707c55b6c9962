import type { Json, JsonObject } from '../../json.ts';
import { minuteMs } from '../../time.ts';
import type { ImageFailure } from '../image-provider.ts';
import type { ProviderAnswer, ProviderFetch } from './provider-fetch.ts';

/** High quality takes two minutes and more; a provider that needs longer than this has lost the request. */
export const imageDeadlineMs = 5 * minuteMs;

export type ImageCall = {
  fetch: ProviderFetch;
  url: string;
  headers: Record<string, string>;
  body: JsonObject;
  deadlineMs: number;
};

/** A provider's refusal: whatever of its body could be read as JSON. */
export type FailedAnswer = { httpStatus: number; body: Json; retryAfterSeconds?: number };

/** Errors that say the request never left. After any other it may have arrived. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Asks once, within the deadline, which holds until the answer's last byte. */
export const callProvider = async (
  { fetch, url, headers, body, deadlineMs }: ImageCall,
  readFailure: (answer: FailedAnswer) => ImageFailure,
): Promise<{ answer: AsyncIterable<Uint8Array> } | { failure: ImageFailure }> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      deadlineMs,
    });
    if (response.status === 200 && response.body !== null) return { answer: response.body };
    return { failure: readFailure(await failedAnswer(response)) };
  } catch (error) {
    return { failure: failureOfCall(error) };
  }
};

/** What a thrown error says about the order: whether the provider may have got it. */
export const failureOfCall = (error: unknown): ImageFailure => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const name = cause instanceof Error ? cause.name : 'unknown';
  if (neverSent.has(code) || isOfConnecting(cause))
    return { status: 'failed', detail: `not reached: ${code}` };
  return { status: 'unclear', detail: `answer lost: ${[name, code].filter(Boolean).join(' ')}` };
};

/** Node tells by the system call how far it came, whatever the code. */
const isOfConnecting = (error: unknown): boolean => Object(error).syscall === 'connect';

const longestFailureBytes = 65_536;

const failedAnswer = async (response: ProviderAnswer): Promise<FailedAnswer> => {
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    httpStatus: response.status,
    body: parseLeniently(await startOf(response)),
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
  };
};

const startOf = async (response: ProviderAnswer): Promise<string> => {
  let text = '';
  if (response.body !== null)
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString();
      if (text.length > longestFailureBytes) break;
    }
  return text;
};

const parseLeniently = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
};

/** Somebody on the way gave up waiting; the provider may have gone on. 524 is Cloudflare's. */
const timedOut = new Set([408, 504, 524]);

/** What an HTTP status means when the body says nothing more precise. */
export const failureByStatus = (
  { httpStatus, retryAfterSeconds }: Omit<FailedAnswer, 'body'>,
  word = '',
): ImageFailure => {
  const detail = `HTTP ${httpStatus} ${word}`.trim();
  if (httpStatus === 429)
    return { status: 'busy', detail, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  if (httpStatus === 401 || httpStatus === 402 || httpStatus === 403)
    return { status: 'operator-fault', detail };
  if (httpStatus === 404) return { status: 'model-gone', detail };
  if (timedOut.has(httpStatus) || httpStatus < 300) return { status: 'unclear', detail };
  return { status: 'failed', detail };
};
