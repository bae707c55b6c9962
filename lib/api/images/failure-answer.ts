import { ApiError, doNotRetry, invalidRequest } from '../../errors.ts';
import { waitSecondsOf, wordsOf } from '../../images/failure-words.ts';
import type { NotMade } from '../../images/outcome.ts';

/** The HTTP answer for images that were not made. */
export const failureAnswer = (notMade: NotMade): ApiError => {
  const { failure, mayHaveBeenPaid } = notMade;
  if (failure.status === 'impossible') return invalidRequest(failure.problems);
  const { headers, ...details } = detailsOf(failure);
  return new ApiError(wordsOf(notMade), {
    ...details,
    headers: { ...headers, ...(mayHaveBeenPaid && doNotRetry) },
  });
};

type AnswerDetails = ConstructorParameters<typeof ApiError>[1];

const badGateway: AnswerDetails = { status: 502, code: 'upstream_error', type: 'upstream_error' };

const detailsOf = (failure: Exclude<NotMade['failure'], { status: 'impossible' }>): AnswerDetails => {
  switch (failure.status) {
    case 'refused':
      return {
        status: 400,
        code: failure.moderation ? 'content_policy_violation' : 'invalid_request',
        type: 'upstream_error',
        ...(failure.moderation && { param: 'prompt' }),
      };
    case 'busy':
      return {
        status: 429,
        code: 'upstream_rate_limited',
        type: 'upstream_error',
        headers: { 'retry-after': String(waitSecondsOf(failure.retryAfterSeconds)) },
      };
    case 'failed':
      return badGateway;
    case 'unclear':
    case 'operator-fault':
      return { ...badGateway, headers: doNotRetry };
    case 'model-gone':
      return { status: 503, code: 'model_not_found', param: 'model', headers: doNotRetry };
    case 'not-stored':
      return { status: 500, code: 'internal_error', headers: doNotRetry, cause: failure.cause };
  }
};
