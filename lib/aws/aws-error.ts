import type { AwsAnswer } from './exchange.ts';

type AwsErrorDetails = {
  /** What was asked, such as `dynamodb PutItem`. */
  operation: string;
  /** AWS's word for what went wrong, or Node's where no answer came. */
  code: string;
  /** The HTTP status; absent: no whole answer came. */
  status?: number;
  cause?: unknown;
};

/** AWS refused or did not answer. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number | undefined;

  constructor(detail: string, { operation, code, status, cause }: AwsErrorDetails) {
    super(`${operation}: ${code}${status === undefined ? '' : ` (HTTP ${status})`}: ${detail}`, { cause });
    this.code = code;
    this.status = status;
  }
}

export const noAnswer = (operation: string, cause: NodeJS.ErrnoException): AwsError =>
  new AwsError(cause.message, { operation, code: cause.code ?? cause.name, cause });

export const refusal = (operation: string, { status, headers, body }: AwsAnswer): AwsError => {
  const text = body.toString();
  const { code, message } = text.startsWith('<') ? xmlRefusal(text) : jsonRefusal(text);
  const headerCode = String(headers['x-amzn-errortype'] ?? 'Unknown').split(':')[0] ?? 'Unknown';
  return new AwsError(message ?? 'no reason was given', { operation, code: code ?? headerCode, status });
};

type Refusal = { code?: string | undefined; message?: string | undefined };

/** The code may follow a namespace: `com.amazonaws.dynamodb.v20120810#ValidationException`. */
const jsonRefusal = (text: string): Refusal => {
  try {
    const { __type, message, Message } = Object(JSON.parse(text)) as Record<string, string | undefined>;
    return { code: __type?.split('#').at(-1), message: message ?? Message };
  } catch {
    return {};
  }
};

const xmlRefusal = (text: string): Refusal => ({
  code: /<Code>([^<]*)</.exec(text)?.[1],
  message: /<Message>([^<]*)</.exec(text)?.[1],
});
