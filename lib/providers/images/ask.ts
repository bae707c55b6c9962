import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { HttpAnswer, HttpClient } from '../http/client.ts';
import { type ImageFailure, imageDeadlineMs } from '../image-provider.ts';

const megabyte = 1_000_000;
/** The largest pictures of today have 4,096 by 4,096 pixels: some 20 MB as PNG, a third more as base64. */
export const maxImageBytes = 32 * megabyte;
/** All of an answer is in memory at once, several times over. */
const maxAnswerBytes = 96 * megabyte;

type ImageCall = {
  http: HttpClient;
  url: string;
  headers: Record<string, string>;
  body: JsonObject;
  /** How many images the answer may hold. */
  images: number;
  deadlineMs: number | undefined;
};

/** A provider's refusal: whatever of its body could be read as JSON. */
export type FailedAnswer = Pick<HttpAnswer, 'httpStatus' | 'retryAfterSeconds'> & { body: Json };

/** Asks once, and reads the whole answer. */
export const askForImages = async (
  { http, url, headers, body, images, deadlineMs = imageDeadlineMs }: ImageCall,
  readFailure: (answer: FailedAnswer) => ImageFailure,
): Promise<{ answer: JsonObject } | { failure: ImageFailure }> => {
  const answer = await http({
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    deadlineMs,
    maxAnswerBytes: Math.min(images * maxImageBytes, maxAnswerBytes),
  });
  if ('noAnswer' in answer) {
    const { noAnswer, mayHaveArrived } = answer;
    return {
      failure: mayHaveArrived
        ? { status: 'unclear', detail: `answer lost: ${noAnswer}` }
        : { status: 'failed', detail: `not reached: ${noAnswer}` },
    };
  }
  const { body: text, broken, ...head } = answer;
  const json = parse(text);
  if (answer.httpStatus !== 200) return { failure: readFailure({ ...head, body: json }) };
  if (!isJsonObject(json))
    return { failure: { status: 'unclear', detail: `answer unreadable: ${broken ?? 'no JSON object'}` } };
  // Some upstreams report their failures with HTTP 200.
  if (isGiven(json['error'])) return { failure: readFailure({ ...head, httpStatus: 502, body: json }) };
  return { answer: json };
};

const isGiven = (value: Json | undefined): boolean => value !== undefined && value !== null && value !== '';

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
};

/** What an answer means that nobody documents: the provider may have made, and charged for, anything. */
export const unknownAnswer = (what: string): ImageFailure => ({
  status: 'unclear',
  detail: `answer not understood: ${what}`,
});

/** Somebody on the way gave up waiting; the provider may have gone on. 524 is Cloudflare's. */
const timedOut = new Set([408, 504, 524]);

/** A sentence instead of a code may tell what the caller asked for. */
const isCode = (word: string): boolean => /^[\w.-]{1,64}$/.test(word);

/** What an HTTP status means when the body says nothing more precise. */
export const failureByStatus = (
  { httpStatus, retryAfterSeconds }: Omit<FailedAnswer, 'body'>,
  word = '',
): ImageFailure => {
  const detail = `HTTP ${httpStatus} ${isCode(word) ? word : ''}`.trim();
  if (httpStatus === 429)
    return { status: 'busy', detail, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  if (httpStatus === 402) return { status: 'operator-fault', detail, exhausted: true };
  if (httpStatus === 401 || httpStatus === 403) return { status: 'operator-fault', detail };
  if (httpStatus === 404) return { status: 'model-gone', detail };
  if (timedOut.has(httpStatus) || httpStatus < 300) return { status: 'unclear', detail };
  return { status: 'failed', detail };
};
