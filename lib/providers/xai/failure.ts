import { textAt } from '../http/fields.ts';
import type { ImageFailure } from '../image-provider.ts';
import { type FailedAnswer, failureByStatus } from '../images/ask.ts';
import { refusedContent, refusedValue } from '../images/refusal.ts';

/** `{"code": string, "error": string}`: one code covers many causes, so the sentence has to be read. */
export const readXaiFailure = (answer: FailedAnswer): ImageFailure => {
  const message = textAt(answer.body, 'error') || textAt(answer.body, 'error', 'message');
  if (/moderation|content polic|safety/i.test(message)) return refusedContent('moderation');
  if (/credits|spending limit|billing/i.test(message))
    return { status: 'operator-fault', detail: `HTTP ${answer.httpStatus}, credits`, exhausted: true };
  // A wrong key is a 400 here, too.
  if (/api key/i.test(message))
    return { status: 'operator-fault', detail: `HTTP ${answer.httpStatus}, account` };
  if (/model .*(?:does not exist|not found)|deprecated model/i.test(message))
    return { status: 'model-gone', detail: `HTTP ${answer.httpStatus}, model` };
  const isRefused = answer.httpStatus === 400 || answer.httpStatus === 422;
  if (isRefused && message !== '') return refusedValue(message);
  return failureByStatus(answer);
};
