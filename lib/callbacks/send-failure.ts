import type { Stage } from './attempt-timing.ts';

/** Why no answer came: the error's code, and what was being done. */
export type SendFailure = {
  code: string;
  stage: Stage;
  /** As TLS writes it; known if the receiver showed a certificate. */
  certificateEndsAt?: string;
};

/** What kind of failure an attempt was. */
export type ErrorClass =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'bad_response'
  | 'redirect'
  | 'http_4xx'
  | 'http_5xx'
  | 'rate_limited'
  | 'gone'
  | 'blocked_address';

export type ExplainedFailure = { errorClass: ErrorClass; cause: string };

/** Made when it is needed: it would be a tenth of a function's start. */
const dayOf = (atMs: number): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(atMs);

const expiry = ({ certificateEndsAt }: SendFailure): string => {
  const atMs = Date.parse(certificateEndsAt ?? '');
  return Number.isNaN(atMs) ? 'has expired' : `expired on ${dayOf(atMs)}`;
};

type Explain = (failure: SendFailure, host: string) => ExplainedFailure;

const tls = (cause: string): ExplainedFailure => ({ errorClass: 'tls', cause });
const incompleteChain = () =>
  tls(
    "your server's certificate cannot be traced to a known authority; send the intermediate certificates too",
  );
const selfSigned = () =>
  tls("your server's certificate is self-signed; use one from a public certificate authority");
const nameNotFound: Explain = (_, host) => ({
  errorClass: 'dns',
  cause: `the name ${host} does not exist in DNS`,
});
const reset = (): ExplainedFailure => ({
  errorClass: 'reset',
  cause: 'your server closed the connection before it answered',
});

const byCode: Record<string, Explain> = {
  BLOCKED_ADDRESS: () => ({
    errorClass: 'blocked_address',
    cause:
      'the callback URL leads to a private or reserved address, which is never called; use a public host',
  }),
  CONNECT_TIME_LIMIT: () => ({ errorClass: 'timeout', cause: 'no connection to your server within 5 s' }),
  TOTAL_TIME_LIMIT: () => ({
    errorClass: 'timeout',
    cause: 'no answer within 15 s; answer first and do the work afterwards',
  }),
  ENOTFOUND: nameNotFound,
  ENODATA: nameNotFound,
  ECONNREFUSED: (failure) =>
    failure.stage === 'dns'
      ? { errorClass: 'dns', cause: 'the name could not be looked up' }
      : { errorClass: 'connect', cause: 'your server refused the connection' },
  ECONNRESET: reset,
  EPIPE: reset,
  CERT_HAS_EXPIRED: (failure) => tls(`your server's certificate ${expiry(failure)}`),
  CERT_NOT_YET_VALID: () => tls("your server's certificate is not valid yet"),
  ERR_TLS_CERT_ALTNAME_INVALID: (_, host) => tls(`your server's certificate is not made out to ${host}`),
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: incompleteChain,
  UNABLE_TO_GET_ISSUER_CERT: incompleteChain,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: incompleteChain,
  HPE_HEADER_OVERFLOW: () => ({
    errorClass: 'bad_response',
    cause: "the headers of your server's answer are larger than 16 KiB",
  }),
};

const byStage: Record<Stage, Explain> = {
  dns: (_, host) => ({ errorClass: 'dns', cause: `the name ${host} could not be looked up` }),
  connect: () => ({ errorClass: 'connect', cause: 'no connection to your server could be made' }),
  tls: () =>
    tls('no secure connection could be made; your server must speak TLS 1.2 or later on the port of the URL'),
  answer: () => ({ errorClass: 'bad_response', cause: "your server's answer is not valid HTTP" }),
};

/** Says why no answer came, in words for the receiver's owner. Names no address. */
export const explainFailure: Explain = (failure, host) => {
  // A connection that breaks while TLS is being set up is rarely an accident.
  if (failure.stage === 'tls' && failure.code === 'ECONNRESET') return byStage.tls(failure, host);
  return (byCode[failure.code] ?? byStage[failure.stage])(failure, host);
};
