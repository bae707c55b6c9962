const maxHeaders = 5;
const maxValueLength = 1_024;

/** A field name as HTTP defines it (RFC 9110 §5.6.2). */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
/** Printable ASCII: what every HTTP client and server reads the same way. */
const headerValue = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

/** Headers that say what this request is and where it goes; the sender alone sets them. */
const reserved = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
]);
const reservedPrefixes = ['webhook-', 'svix-', 'x-forwarded-', 'x-amz'];

const isReserved = (name: string): boolean =>
  reserved.has(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix));

const headerProblem = ([name, value]: [string, string]): string | undefined => {
  if (!headerName.test(name)) return `"${name}" is not a header name`;
  if (isReserved(name.toLowerCase())) return `"${name}" is set by the gateway and cannot be changed`;
  if (value.length > maxValueLength)
    return `the value of "${name}" is longer than ${maxValueLength} characters`;
  if (!headerValue.test(value)) return `the value of "${name}" must be printable ASCII, without line breaks`;
  return undefined;
};

/** What is wrong with the headers that a workspace wants on its callbacks; `undefined` when nothing is. */
export const checkCallbackHeaders = (headers: readonly [string, string][]): string | undefined => {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  if (names.size < headers.length) return 'a header is named twice';
  if (headers.length > maxHeaders) return `at most ${maxHeaders} headers can be set`;
  return headers.map(headerProblem).find((problem) => problem !== undefined);
};
