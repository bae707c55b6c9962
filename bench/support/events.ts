import { randomUUID } from 'node:crypto';

type RequestParts = { method: string; path: string; apiKey: string; body?: object };

/** A request as a Function URL hands it over. */
export const functionUrlEvent = ({ method, path, apiKey, body }: RequestParts) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: {
    host: 'bench.lambda-url.us-east-1.on.aws',
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    'x-forwarded-proto': 'https',
  },
  requestContext: {
    accountId: 'anonymous',
    apiId: 'bench',
    domainName: 'bench.lambda-url.us-east-1.on.aws',
    domainPrefix: 'bench',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: randomUUID(),
    routeKey: '$default',
    stage: '$default',
    time: new Date().toUTCString(),
    timeEpoch: Date.now(),
  },
  ...(body !== undefined && { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});

const prompt =
  'A paper boat drifts down a rainy street at dusk, seen from close above the water. Neon signs shimmer in the puddles, people hurry past under umbrellas, and the camera follows the boat slowly until it vanishes in the glare of a tram.';

/** An ordinary video task, with a callback. */
export const videoBody = (callbackUrl = 'http://127.0.0.1:20999/callback') => ({
  model: 'kling/kling-v2-6',
  prompt,
  metadata: { duration: '5', mode: 'std', aspect_ratio: '16:9' },
  callback_url: callbackUrl,
});

export const acceptEvent = (apiKey: string, callbackUrl?: string) =>
  functionUrlEvent({ method: 'POST', path: '/v1/video/generations', apiKey, body: videoBody(callbackUrl) });

/** A queue's message as Lambda's event source hands it over. */
export const queueEvent = (...messages: object[]) => ({
  Records: messages.map((message) => ({
    messageId: randomUUID(),
    receiptHandle: 'bench',
    body: JSON.stringify(message),
    attributes: {},
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:bench',
    awsRegion: 'us-east-1',
  })),
});
