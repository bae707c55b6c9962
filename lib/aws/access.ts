import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, currentEnvironment } from '../config.ts';
import { type Exchange, exchangeOverHttp } from './exchange.ts';

export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type AwsService = 'dynamodb' | 'sqs' | 'secretsmanager' | 's3';

/** Where AWS is for this process, who asks there, and how. */
export type AwsAccess = {
  region: string;
  /** Asked before each attempt, since credentials may end while a program runs. */
  credentials(): AwsCredentials | Promise<AwsCredentials>;
  endpointOf(service: AwsService): URL;
  exchange: Exchange;
  /** Waits between two attempts. */
  pause(durationMs: number): Promise<unknown>;
};

/** The same variables lead the SDK elsewhere: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
const endpointVariables: Record<AwsService, string> = {
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  sqs: 'AWS_ENDPOINT_URL_SQS',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  s3: 'AWS_ENDPOINT_URL_S3',
};

/** What Lambda hands over, and what the one-machine stack sets. Credentials there outlive the process. */
export const accessFromEnvironment = (): AwsAccess => {
  const variables = currentEnvironment();
  const needed = (name: string): string => {
    const value = variables[name];
    if (!value) throw new ConfigError(`environment: ${name}: must be set, as Lambda does`);
    return value;
  };
  const sessionToken = variables['AWS_SESSION_TOKEN'];
  const credentials = {
    accessKeyId: needed('AWS_ACCESS_KEY_ID'),
    secretAccessKey: needed('AWS_SECRET_ACCESS_KEY'),
    ...(sessionToken && { sessionToken }),
  };
  return createAccess(needed('AWS_REGION'), () => credentials, variables);
};

export const createAccess = (
  region: string,
  credentials: AwsAccess['credentials'],
  variables = currentEnvironment(),
): AwsAccess => ({
  region,
  credentials,
  endpointOf: (service) =>
    new URL(
      variables[endpointVariables[service]] ||
        variables['AWS_ENDPOINT_URL'] ||
        `https://${service}.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
    ),
  exchange: exchangeOverHttp,
  pause: sleep,
});
