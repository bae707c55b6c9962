import { textAt } from '../http/fields.ts';
import type { ImageFailure } from '../image-provider.ts';
import { type FailedAnswer, failureByStatus } from '../images/ask.ts';
import { refusedContent, refusedValue } from '../images/refusal.ts';

const moderationCodes = new Set(['moderation_blocked', 'content_policy_violation']);
const exhaustedCodes = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active']);
const accountCodes = new Set(['invalid_api_key', 'account_deactivated']);

/** `{"error": {"message", "type", "param", "code"}}`. */
export const readOpenAiFailure = (answer: FailedAnswer): ImageFailure => {
  const code = textAt(answer.body, 'error', 'code') || textAt(answer.body, 'error', 'type');
  const message = textAt(answer.body, 'error', 'message');
  if (exhaustedCodes.has(code)) return { status: 'operator-fault', detail: code, exhausted: true };
  if (accountCodes.has(code)) return { status: 'operator-fault', detail: code };
  if (moderationCodes.has(code)) return refusedContent(violationsIn(message) ?? code);
  if (code === 'model_not_found') return { status: 'model-gone', detail: code };
  const isRefused = answer.httpStatus === 400 || answer.httpStatus === 422;
  if (isRefused && message !== '') return refusedValue(message);
  return failureByStatus(answer, code);
};

/** OpenAI names the categories at the end of its sentence: `safety_violations=[violence]`. */
const violationsIn = (message: string): string | undefined =>
  /safety_violations=\[([\w/, -]{1,100})\]/.exec(message)?.[1];
