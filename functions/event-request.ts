import type { LambdaFunctionURLEvent } from 'aws-lambda';

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
export const requestOfEvent = (event: LambdaFunctionURLEvent): Request => {
  const { rawPath, rawQueryString, requestContext, body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  const hasBody = body !== undefined && body !== '' && method !== 'GET' && method !== 'HEAD';
  return new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
    method,
    headers: headersOf(event),
    ...(hasBody && { body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') }),
  });
};

const headersOf = ({ headers, cookies = [] }: LambdaFunctionURLEvent): Record<string, string> => {
  const sent: Record<string, string> = cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) sent[name] = isAscii(value) ? value : encodeURIComponent(value);
  return sent;
};

/** `Headers` refuses what came as anything else. */
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);
