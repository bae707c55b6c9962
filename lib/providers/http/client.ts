/** One call of a provider. The deadline holds until the answer's last byte. */
export type HttpRequest = {
  method: 'GET' | 'POST';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  deadlineMs: number;
  /** An answer that is longer is given up. */
  maxAnswerBytes: number;
};

export type HttpAnswer = {
  httpStatus: number;
  retryAfterSeconds?: number;
  body: string;
  /** Why the body is not whole. */
  broken?: string;
};

/** `mayHaveArrived`: whether the request can have reached the provider. */
export type NoAnswer = { noAnswer: string; mayHaveArrived: boolean };

export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer | NoAnswer>;

const ownHeaders = {
  // Some providers refuse requests without a user agent.
  'user-agent': 'clearmaas-gateway',
  'accept-encoding': 'identity',
  // A connection that the provider, or a frozen environment, has closed meanwhile would leave open whether a paid
  // request arrived. A new one costs milliseconds beside a provider's seconds.
  connection: 'close',
};

/** The one way in which providers are asked. Follows no redirect, repeats nothing, and never rejects. */
export const createHttpClient =
  (fetch: typeof globalThis.fetch): HttpClient =>
  async ({ method, url, headers, body, deadlineMs, maxAnswerBytes }) => {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...ownHeaders },
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
      ...(body !== undefined && { body }),
    }).catch(noAnswerOf);
    return 'noAnswer' in response ? response : readAnswer(response, maxAnswerBytes);
  };

const readAnswer = async (response: Response, maxBytes: number): Promise<HttpAnswer> => {
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    httpStatus: response.status,
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
    ...(await readBody(response, maxBytes)),
  };
};

/** What there is of the body, whatever happens to the rest. */
const readBody = async (
  response: Response,
  maxBytes: number,
): Promise<Pick<HttpAnswer, 'body' | 'broken'>> => {
  // Grows in place and can be given back at once: ten images are 50 MB, of which few copies fit into memory.
  const store = new ArrayBuffer(0, { maxByteLength: maxBytes });
  let broken: string | undefined;
  try {
    for await (const chunk of response.body ?? []) {
      const { byteLength } = store;
      if (byteLength + chunk.length > maxBytes) {
        broken = `longer than ${maxBytes} bytes`;
        break;
      }
      store.resize(byteLength + chunk.length);
      new Uint8Array(store, byteLength).set(chunk);
    }
  } catch (error) {
    broken = causeOf(error);
  }
  const body = Buffer.from(store).toString();
  store.resize(0);
  return { body, ...(broken !== undefined && { broken }) };
};

/** Failures that come before a connection stands, so that nothing was sent. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Says nothing of the error's own message, which may quote a header. */
const noAnswerOf = (error: unknown): NoAnswer => {
  const { name, cause } = error as { name?: string; cause?: unknown };
  // Without a cause it is `fetch` that refuses to send this at all.
  const isUnsendable = name === 'TypeError' && cause === undefined;
  const mayHaveArrived = !isUnsendable && !beforeSending.has(codeOf(cause)) && !isOfConnecting(cause);
  return { noAnswer: isUnsendable ? 'the request cannot be sent' : causeOf(error), mayHaveArrived };
};

const causeOf = (error: unknown): string => {
  const { name, cause } = error as { name?: string; cause?: unknown };
  if (name === 'TimeoutError') return 'it took too long';
  return codeOf(cause) || 'the connection failed';
};

const codeOf = (cause: unknown): string => {
  const { code } = Object(cause) as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** Node tells by the system call how far it came; of several addresses, each has failed. */
const isOfConnecting = (cause: unknown): boolean =>
  cause instanceof AggregateError
    ? cause.errors.every(isOfConnecting)
    : (Object(cause) as { syscall?: unknown }).syscall === 'connect';
