import type { LambdaFunctionURLEvent } from 'aws-lambda';

/**
 * The request that a Function URL hands over, as far as the app reads requests. A true `Request` copies headers and
 * body and makes a stream of it, which costs more than the app's routing.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export const requestOfEvent = (event: LambdaFunctionURLEvent): Request => {
  const { rawPath, rawQueryString, requestContext, body = '', isBase64Encoded } = event;
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  const bytes = () => Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  const request = {
    method: requestContext.http.method,
    url: `https://${requestContext.domainName}${rawPath}${query}`,
    headers: headersOf(event),
    text: async () => (isBase64Encoded ? bytes().toString() : body),
    arrayBuffer: async () => new Uint8Array(bytes()).buffer,
  };
  return request as unknown as Request;
};

const headersOf = ({ headers, cookies = [] }: LambdaFunctionURLEvent): Pick<Headers, 'get'> => ({
  get(name) {
    const lowerCase = name.toLowerCase();
    if (lowerCase === 'cookie' && cookies.length > 0) return cookies.join('; ');
    const value = Object.hasOwn(headers, lowerCase) ? headers[lowerCase] : undefined;
    if (value === undefined) return null;
    return isAscii(value) ? value : encodeURIComponent(value);
  },
});

/** Nothing else may be in an answer's header, where some of what was sent comes back. */
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
