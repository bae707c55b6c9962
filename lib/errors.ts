import { cutText } from './cut-text.ts';
import { visibleName } from './visible-text.ts';

/** `error.type` on the wire: who failed. */
export const errorTypes = ['clearmaas_api_error', 'upstream_error'] as const;
export type ErrorType = (typeof errorTypes)[number];

/** `error.code` on the wire: what failed. ClearMaas's own words where it has one. */
export const errorCodes = [
  'access_denied',
  'api_not_implemented',
  'bad_request_body',
  'budget_exceeded',
  'content_policy_violation',
  'event_not_available',
  'idempotency_key_reused',
  'internal_error',
  'invalid_api_key',
  'invalid_request',
  'link_expired',
  'link_not_valid',
  'method_not_allowed',
  'model_not_found',
  'not_found',
  'rate_limit_exceeded',
  'recovery_in_progress',
  'request_in_progress',
  'request_too_large',
  'result_not_ready',
  'service_unavailable',
  'task_deleted',
  'task_not_cancellable',
  'task_not_deletable',
  'task_not_found',
  'upstream_error',
  'upstream_rate_limited',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

type ApiErrorDetails = {
  status: number;
  code: ErrorCode;
  type?: ErrorType;
  /** The field that is wrong; of several, the first. */
  param?: string;
  /** Sent with the answer, for example `retry-after`. */
  headers?: Record<string, string>;
  /** Told beside the error's usual members. */
  members?: Readonly<Record<string, string | number>>;
  cause?: unknown;
};

/** Keeps SDKs from repeating by themselves what would cost once more, or fail again. */
export const doNotRetry = { 'x-should-retry': 'false' };

/** A failure that the caller sees. Its message says what was wrong and what to do, and holds no secret. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ErrorCode;
  readonly type: ErrorType;
  readonly param: string | undefined;
  readonly headers: Record<string, string>;
  readonly members: Readonly<Record<string, string | number>>;

  constructor(message: string, details: ApiErrorDetails) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.type = details.type ?? 'clearmaas_api_error';
    this.param = details.param;
    this.headers = details.headers ?? {};
    this.members = details.members ?? {};
  }
}

/** One thing wrong with a request: the field's path on the wire, and words that follow it (`must be …`). */
export type Problem = { param: string; message: string };

/** Limits for a hostile request with many mistakes or very long field names. */
const maxNamed = 20;
const maxParamLength = 200;

/** Makes one 400 of everything that is wrong; `param` names the first. */
export const invalidRequest = (problems: readonly Problem[]): ApiError => {
  const [first] = problems;
  if (first === undefined) throw new Error('a request was refused without a reason');
  return new ApiError(describeProblems(problems), {
    status: 400,
    code: 'invalid_request',
    param: shorten(first.param),
  });
};

/** Names what is wrong, in a sentence for each problem. */
export const describeProblems = (problems: readonly Problem[]): string => {
  const named = problems
    .slice(0, maxNamed)
    .map(({ param, message }) => `${visibleName(shorten(param))} ${message}`);
  const left = problems.length - named.length;
  return [...named, ...(left > 0 ? [`And ${left} more.`] : [])].join(' ');
};

const shorten = (param: string): string =>
  param.length > maxParamLength ? `${cutText(param, maxParamLength)}…` : param;
