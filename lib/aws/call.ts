import aws4 from 'aws4';
import { secondMs } from '../time.ts';
import type { AwsAccess, AwsService } from './access.ts';
import { AwsError, noAnswer, refusal } from './aws-error.ts';
import type { AwsAnswer, AwsRequest } from './exchange.ts';

export type AwsCall = Omit<AwsRequest, 'endpoint'> & { service: AwsService; operation: string };

/** One attempt more than the SDK makes: a lost accept costs a client's retry, a lost settle costs a poll. */
const mostAttempts = 4;

/** Signs and sends a call, again if that may help, and answers what AWS said yes to. Throws an {@link AwsError}. */
export const callAws = async (access: AwsAccess, call: AwsCall): Promise<AwsAnswer> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await callOnce(access, call);
    } catch (error) {
      const isWorthAnother = error instanceof AwsError && mayPass(error) && call.signal?.aborted !== true;
      if (attempt === mostAttempts || !isWorthAnother) throw error;
      await access.pause(pauseMs(attempt, isThrottling(error), Math.random()));
    }
};

const callOnce = async (access: AwsAccess, { service, operation, ...call }: AwsCall): Promise<AwsAnswer> => {
  const endpoint = access.endpointOf(service);
  const name = `${service} ${operation}`;
  const { headers = {} } = aws4.sign(
    {
      service,
      region: access.region,
      method: call.method,
      path: call.path,
      headers: { ...call.headers, host: endpoint.host },
      body: call.body as string | Buffer,
    },
    await access.credentials(),
  );
  const request = { ...call, endpoint, headers: headers as Record<string, string> };
  const answer = await access.exchange(request).catch((error) => {
    throw noAnswer(name, error);
  });
  if (answer.status >= 300) throw refusal(name, answer);
  return answer;
};

const throttlingCodes = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const isThrottling = ({ code, status }: AwsError): boolean => status === 429 || throttlingCodes.has(code);

/** Whether the same call may end better a moment later. */
const mayPass = (error: AwsError): boolean =>
  error.status === undefined || error.status >= 500 || isThrottling(error);

const shortestPauseMs = 100;
const shortestThrottledPauseMs = 0.5 * secondMs;

/** Doubles with each attempt; anywhere below, by `luck` from 0 to 1, so that many callers do not come back together. */
const pauseMs = (attempt: number, isThrottled: boolean, luck: number): number =>
  luck * (isThrottled ? shortestThrottledPauseMs : shortestPauseMs) * 2 ** (attempt - 1);
