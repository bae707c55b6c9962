import { ConfigError, currentEnvironment } from '../config.ts';

type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type AwsService = 'dynamodb' | 'sqs' | 'secretsmanager' | 's3';

/** Where AWS is for this process, and who asks there. */
export type AwsAccess = {
  region: string;
  /** A function's own outlive it; an operator's may end while a command runs, and are asked for again. */
  credentials: AwsCredentials | (() => Promise<AwsCredentials>);
  /** Where a service is asked if not at AWS. */
  endpoints: Partial<Record<AwsService, string>>;
  useFipsEndpoint: boolean;
  useDualstackEndpoint: boolean;
};

type Variables = Record<string, string | undefined>;

/** What Lambda hands over, and what the one-machine stack sets. */
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
  return createAccess(needed('AWS_REGION'), credentials, variables);
};

/** The SDK's own variables, read here so that each client need not look for them, also in files. */
export const createAccess = (
  region: string,
  credentials: AwsAccess['credentials'],
  variables: Variables = currentEnvironment(),
): AwsAccess => ({
  region,
  credentials,
  endpoints: endpointsIn(variables),
  useFipsEndpoint: variables['AWS_USE_FIPS_ENDPOINT'] === 'true',
  useDualstackEndpoint: variables['AWS_USE_DUALSTACK_ENDPOINT'] === 'true',
});

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
const endpointVariables: Record<AwsService, string> = {
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  sqs: 'AWS_ENDPOINT_URL_SQS',
  secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  s3: 'AWS_ENDPOINT_URL_S3',
};

const endpointsIn = (variables: Variables): AwsAccess['endpoints'] =>
  Object.fromEntries(
    Object.entries(endpointVariables).flatMap(([service, name]) => {
      const url = variables[name] || variables['AWS_ENDPOINT_URL'];
      return url ? [[service, url]] : [];
    }),
  );
