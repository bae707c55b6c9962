import { ApiError } from '../../errors.ts';
import type { ImageFailure } from '../../providers/image-provider.ts';
import { unavailableModel } from '../serving-model.ts';

/** OpenAI's SDKs give up on longer waits. */
const longestRetryAfterSeconds = 60;
const usualRetryAfterSeconds = 10;

const neverAgain = { 'x-should-retry': 'false' };

/** What the caller hears of a provider's failure: whose fault it is, and whether to come back. */
export const answerOfFailure = (failure: ImageFailure, modelId: string): ApiError => {
  switch (failure.status) {
    case 'refused':
      return new ApiError(failure.reason, {
        status: 400,
        code: failure.moderation ? 'content_policy_violation' : 'invalid_request',
        type: 'upstream_error',
        ...(failure.moderation && { param: 'prompt' }),
      });
    case 'busy': {
      const seconds = Math.ceil(failure.retryAfterSeconds ?? usualRetryAfterSeconds);
      const waitSeconds = Math.min(Math.max(seconds, 1), longestRetryAfterSeconds);
      return new ApiError(`The provider takes no more requests just now. Try again in ${waitSeconds} s.`, {
        status: 429,
        code: 'upstream_rate_limited',
        type: 'upstream_error',
        headers: { 'retry-after': String(waitSeconds) },
      });
    }
    case 'failed':
      return badGateway('The provider could not make the image. Try again, or choose another model.');
    case 'unclear':
      return badGateway(
        "The provider's answer was lost, so the image may have been made and charged. Repeat the request only if paying twice is acceptable.",
        neverAgain,
      );
    case 'operator-fault':
      return badGateway(
        "The provider does not accept this gateway's account at the moment. Tell the gateway's operator, or choose a model of another provider.",
        neverAgain,
      );
    case 'model-gone':
      return unavailableModel(modelId, 'the provider does not offer it');
  }
};

/** The same, when several models were tried and one of them may have been paid for. */
export const withoutRepetition = (error: ApiError): ApiError =>
  new ApiError(error.message, {
    status: error.status,
    code: error.code,
    type: error.type,
    headers: { ...error.headers, ...neverAgain },
    cause: error.cause,
    ...(error.param !== undefined && { param: error.param }),
  });

/** Images that were made and paid for, and could not be kept. */
export const imagesLost = (cause: unknown): ApiError =>
  new ApiError(
    'The images were made, but could not be stored on our side. Repeat the request only if paying twice is acceptable, or ask for "response_format": "b64_json".',
    { status: 500, code: 'internal_error', headers: neverAgain, cause },
  );

const badGateway = (message: string, headers: Record<string, string> = {}): ApiError =>
  new ApiError(message, { status: 502, code: 'upstream_error', type: 'upstream_error', headers });
