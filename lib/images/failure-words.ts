import { describeProblems } from '../errors.ts';
import type { NotMade } from './outcome.ts';

/** OpenAI's SDKs give up on longer waits. */
const maxRetryAfterSeconds = 60;
const defaultRetryAfterSeconds = 10;

/** How long to wait before a busy provider is asked again. */
export const waitSecondsOf = (retryAfterSeconds = defaultRetryAfterSeconds): number =>
  Math.min(Math.max(Math.ceil(retryAfterSeconds), 1), maxRetryAfterSeconds);

/** What the caller is told of a failure: whose fault it is, and what to do. */
export const wordsOf = ({ failure, model, mayHaveBeenPaid }: NotMade): string => {
  const words = wordsOfFailure(failure, model);
  return mayHaveBeenPaid && !tellsOfPayment.includes(failure.status)
    ? `${words} Another call for this request got no clear answer, so images may have been made and charged.`
    : words;
};

const tellsOfPayment: readonly NotMade['failure']['status'][] = ['unclear', 'not-stored'];

const wordsOfFailure = (failure: NotMade['failure'], model: string): string => {
  switch (failure.status) {
    case 'impossible':
      return describeProblems(failure.problems);
    case 'refused':
      return failure.reason;
    case 'busy':
      return `The provider takes no more requests just now. Try again in ${waitSecondsOf(failure.retryAfterSeconds)} s.`;
    case 'failed':
      return 'The provider could not make the image. Try again, or choose another model.';
    case 'unclear':
      return "The provider's answer was lost or cannot be used, so the image may have been made and charged. Repeat the request only if paying twice is acceptable.";
    case 'operator-fault':
      return "The provider does not accept this gateway's account at the moment. Tell the gateway's operator, or choose a model of another provider.";
    case 'model-gone':
      return `${model} cannot be served now: the provider does not offer it. Choose another of GET /v1/models.`;
    case 'not-stored':
      return 'The images were made, but could not be stored on our side. Repeat the request only if paying twice is acceptable. Waited for with "response_format": "b64_json", images need no storage here.';
  }
};
