import { isUtf8 } from 'node:buffer';
import type { LambdaFunctionURLEvent } from 'aws-lambda';

/** AWS limits the event, in which a body that is not text stands as base64. */
export const maxBodyBytes = 6 * 1024 * 1024;

export type ReceivedRequest = {
  method: string;
  /** Path and query as they stand in the request. */
  target: string;
  /** Names and values in turn. */
  rawHeaders: readonly string[];
  body: Buffer;
  protocol: string;
  sourceIp: string;
  /** Where it came in. */
  port: number;
};

/**
 * A request as Lambda hands it to the function behind a Function URL (payload version 2.0).
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export const toFunctionUrlEvent = (
  { method, target, rawHeaders, body, protocol, sourceIp, port }: ReceivedRequest,
  requestId: string,
  receivedAtMs: number,
): LambdaFunctionURLEvent => {
  const [rawPath = '/', rawQueryString = ''] = splitOnce(originForm(target), '?');
  const { cookie, ...headers } = joinHeaders(rawHeaders);
  const queryStringParameters = joinQuery(rawQueryString);
  const isBase64Encoded = body.length > 0 && !(isText(headers['content-type']) && isUtf8(body));
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/[;,]\s*/) }),
    headers: {
      ...headers,
      'x-forwarded-for': sourceIp,
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(port),
    },
    ...(queryStringParameters && { queryStringParameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: hostName(headers['host']),
      domainPrefix: 'local',
      http: { method, path: rawPath, protocol, sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: new Date(receivedAtMs).toUTCString(),
      timeEpoch: receivedAtMs,
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
};

/** A client that takes the gateway for a proxy sends a whole URL. */
const originForm = (target: string): string => {
  if (target.startsWith('/')) return target;
  const url = URL.parse(target);
  return url === null ? '/' : url.pathname + url.search;
};

/** AWS puts its own name here; a client may send anything. */
const hostName = (host = ''): string => URL.parse(`http://${host}`)?.hostname || 'localhost';

/** Whether the event of a body of this size would be more than AWS takes. */
export const isTooLarge = (bodyBytes: number, contentType: string | undefined): boolean =>
  (isText(contentType) ? bodyBytes : Math.ceil(bodyBytes / 3) * 4) > maxBodyBytes;

const isText = (contentType: string | undefined): boolean =>
  /^(text\/|application\/(json|xml|javascript)\b)/i.test(contentType ?? '');

const splitOnce = (text: string, separator: string): [string, string?] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
};

/** Between two servers these say nothing about the request itself. */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'expect', 'upgrade']);

const joinHeaders = (namesAndValues: readonly string[]): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at < namesAndValues.length; at += 2) {
    const name = (namesAndValues[at] as string).toLowerCase();
    const value = namesAndValues[at + 1] as string;
    if (hopByHop.has(name)) continue;
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value;
  }
  return headers;
};

const joinQuery = (query: string): Record<string, string> | undefined => {
  if (query === '') return undefined;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query))
    parameters[name] = Object.hasOwn(parameters, name) ? `${parameters[name]},${value}` : value;
  return parameters;
};
