import { isJsonObject, type JsonObject } from '../../json.ts';
import { fieldAt, textAt } from '../http/fields.ts';
import type { ImageFailure } from '../image-provider.ts';
import { type FailedAnswer, failureByStatus, unknownAnswer } from '../images/ask.ts';
import { refusedContent, refusedValue } from '../images/refusal.ts';

/** `{"error": {"code": <HTTP status>, "message", "status": <word>, "details": [...]}}`. */
export const readGoogleFailure = (answer: FailedAnswer): ImageFailure => {
  const word = textAt(answer.body, 'error', 'status');
  const message = textAt(answer.body, 'error', 'message');
  const details = detailsOf(answer);
  if (details.some(({ reason }) => reason === 'BILLING_DISABLED') || unpaid.test(message))
    return { status: 'operator-fault', detail: `HTTP ${answer.httpStatus} billing`, exhausted: true };
  // A wrong key is INVALID_ARGUMENT here, and a country problem FAILED_PRECONDITION.
  if (details.some(({ reason }) => reason === 'API_KEY_INVALID') || /api key/i.test(message))
    return { status: 'operator-fault', detail: `HTTP ${answer.httpStatus} API key` };
  if (word === 'FAILED_PRECONDITION') return { status: 'operator-fault', detail: word };
  if (/safety|prohibited|violat/i.test(message) && answer.httpStatus === 400)
    return refusedContent('safety filter');
  if (answer.httpStatus === 400 && message !== '') return refusedValue(message);
  const retryAfterSeconds = retryDelaySeconds(details) ?? answer.retryAfterSeconds;
  return failureByStatus(
    { httpStatus: answer.httpStatus, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) },
    word,
  );
};

/** Whatever its status. What a rate limit says of "billing details" means no more than itself. */
const unpaid = /prepayment credits|spending cap|billing account|enable billing|billing to be enabled/i;

const detailsOf = ({ body }: FailedAnswer): JsonObject[] => {
  const details = fieldAt(body, 'error', 'details');
  return Array.isArray(details) ? details.filter(isJsonObject) : [];
};

/** `RetryInfo` says when to come back as a duration: `"32s"`. */
const retryDelaySeconds = (details: JsonObject[]): number | undefined => {
  const [, seconds] =
    details
      .map((detail) => /^(\d+(?:\.\d+)?)s$/.exec(textAt(detail, 'retryDelay')))
      .find((match) => match !== null) ?? [];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds));
};

/** Why a call made no image although it was answered with 200. */
export const readMissingImage = (answer: JsonObject): ImageFailure => {
  const blockReason = textAt(answer, 'promptFeedback', 'blockReason');
  if (blockReason !== '') return refusedContent(blockReason);
  const finishReason = textAt(answer, 'candidates', 0, 'finishReason');
  if (contentRules.has(finishReason)) return refusedContent(finishReason);
  if (!answeredInWords.has(finishReason))
    return unknownAnswer(`no image, finishReason "${finishReason.slice(0, 40)}"`);
  return {
    status: 'refused',
    moderation: false,
    reason: 'The model answered in words instead of an image. Describe in the prompt what is to be seen.',
  };
};

/** https://ai.google.dev/api/generate-content#FinishReason */
const contentRules = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'IMAGE_OTHER',
]);
const answeredInWords = new Set(['STOP', 'NO_IMAGE', 'MAX_TOKENS']);
