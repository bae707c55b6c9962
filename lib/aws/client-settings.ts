import { secondMs } from '../time.ts';
import type { AwsAccess, AwsService } from './access.ts';

/** One attempt more than the SDK's default: a lost accept costs a client's retry, a lost settle costs a poll. */
const maxAttempts = 4;

/** Until an answer begins. S3 may have to take a part of 5 MB first. */
const requestTimeoutsMs: Record<AwsService, number> = {
  dynamodb: 3 * secondMs,
  sqs: 3 * secondMs,
  secretsmanager: 3 * secondMs,
  s3: 60 * secondMs,
};
const connectionTimeoutMs = 2 * secondMs;
/** An answer that has begun may not stand still for longer. */
const socketTimeoutMs = 10 * secondMs;
/** Shorter than AWS and the networks on the way there keep a silent connection. */
const idleSocketMs = 10 * secondMs;

/** How every client of the SDK is made: all is given, so that nothing is looked for at run time. */
export const clientSettings = (access: AwsAccess, service: AwsService) => {
  const { region, credentials, useFipsEndpoint, useDualstackEndpoint } = access;
  const endpoint = access.endpoints[service];
  const agent = { keepAlive: true, timeout: idleSocketMs, maxSockets: 50 };
  return {
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint,
    useDualstackEndpoint,
    maxAttempts,
    retryMode: 'standard',
    defaultsMode: 'standard',
    authSchemePreference: async () => [],
    disableClockSkewCorrection: false,
    userAgentAppId: '',
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutsMs[service],
      throwOnRequestTimeout: true,
      socketTimeout: socketTimeoutMs,
    },
  } as const;
};
