import * as z from 'zod/mini';
import {
  defaultDueShards,
  defaultRateLimitPerMinute,
  defaultRetentionDays,
  maxRetentionDays,
  minRetentionDays,
} from './limits.ts';
import { parseMillionths } from './money.ts';

export const flag = z.pipe(
  z.enum(['true', 'false'], 'must be true or false'),
  z.transform((text) => text === 'true'),
);
export const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,9}$/, 'must be a whole number')),
  z.transform(Number),
);
const wholeNumberFrom = (minimum: number, maximum: number) => {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return wholeNumber.check(z.gte(minimum, error), z.lte(maximum, error));
};
export const commaList = z.pipe(
  z.string(),
  z.transform((text) => text.split(',').flatMap((part) => part.trim() || [])),
);
/** Whether paths may be put behind it, and nothing secret stands in it. */
export const isBaseUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && `${url.username}${url.password}` === '' && /^https?:\/\/[^\s?#]+$/i.test(text);
};
export const url = z.pipe(
  z
    .string()
    .check(z.refine(isBaseUrl, 'must be an http(s) URL without user name, password, query and fragment')),
  z.transform((text) => text.replace(/\/+$/, '')),
);
const usdRule = 'must be an amount in US dollars from 0 to 10000 with at most six decimals, such as 0.14';
/** Decimal text, read as whole micro-dollars. */
export const usdAmount = z.pipe(
  z.string(usdRule).check(z.refine((text) => (parseMillionths(text) ?? Infinity) <= 1e10, usdRule)),
  z.transform((text) => parseMillionths(text) ?? 0),
);
const text = z.string().check(z.minLength(1));

/** What every function reads. A name is a promise to the operator: `docs/deploy.md` and `docs/local.md` list them. */
const environment = z.object({
  /** The one DynamoDB table. */
  TABLE_NAME: text,
  SUBMISSIONS_QUEUE_URL: text,
  IMAGES_QUEUE_URL: text,
  POLLS_QUEUE_URL: text,
  CALLBACKS_QUEUE_URL: text,
  /** The private bucket of inputs and stored images. */
  ASSETS_BUCKET: text,
  /** Secrets Manager secrets (JSON), comma-separated, that hold what this function may know of the credentials. Absent: they stand in the environment. */
  CREDENTIALS_SECRET_IDS: z.optional(commaList),
  /** Where the world reaches the gateway: for providers' webhooks and `/files` links. Absent in the function that serves that address. */
  PUBLIC_URL: z.optional(url),
  /** Whether callbacks may go to http and to private addresses. Never on AWS. */
  CALLBACK_ALLOW_PRIVATE: z._default(flag, false),
  /** Creating requests per workspace and minute; reads get ten times as many. */
  RATE_LIMIT_PER_MINUTE: z._default(wholeNumberFrom(1, 999_999_999), defaultRateLimitPerMinute),
  /** Whether videos are copied into the bucket, instead of handing on the provider's own links. */
  COPY_RESULTS: z._default(flag, false),
  /** Over how many partitions the due index is spread. */
  DUE_SHARDS: z._default(wholeNumber, defaultDueShards),
  /** How long a task can be asked about. */
  TASK_RETENTION_DAYS: z._default(wholeNumberFrom(minRetentionDays, maxRetentionDays), defaultRetentionDays),
  /** How long a render takes at the median, where an account (or a fake) differs from the catalogue. */
  TYPICAL_RENDER_SECONDS: z.optional(wholeNumberFrom(1, 86_400)),
  /** Where the files of the web page at `/console` are, seen from the code of the API. Absent: there is none. */
  CONSOLE_FOLDER: z.optional(text),
  /** The operator's own prices by model id, as JSON; they take the place of the listed ones. */
  PRICES: z.optional(text),
  LOG_LEVEL: z._default(z.enum(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
  /** CloudWatch metrics go under this name. Absent: none are made. */
  METRICS_NAMESPACE: z.optional(text),

  /** Set on Lambda only. */
  AWS_LAMBDA_FUNCTION_NAME: z.optional(text),
});

/** Spaces and line breaks around a value that was pasted are no part of it. */
const secretText = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text) => text.trim()),
  ),
  z
    .string()
    .check(
      z.regex(
        /^[!-~]+$/,
        'must be one line of visible ASCII characters, as it goes into a header: copy it again',
      ),
    ),
);

const ownCredentials = z.object({
  /** Signs `/files` links and the addresses of providers' webhooks. Only who does so is given it. */
  LINK_SIGNING_KEY: z.optional(secretText),
  /** What CloudFront adds to each request, where it stands before the gateway. */
  ORIGIN_SECRET: z.optional(secretText),
});

/** The header in which CloudFront proves that a request came through it. */
export const originHeader = 'x-clear-origin-secret';

/** The variables that a function is deployed with, as text. CDK and the local stack must supply these. */
export type FunctionEnvironment = z.input<typeof environment>;
export type Config = z.output<typeof environment>;
/** The content of the secrets, or the same names in the environment. */
export type Credentials = z.output<typeof ownCredentials> & {
  /** Those of the providers, by their names. */
  providers: Readonly<Record<string, string>>;
};
export type OwnCredentialName = keyof z.output<typeof ownCredentials>;

/** A setting that cannot be used. Names the variable and what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads text values by a schema. Throws a {@link ConfigError} that names each wrong one. */
export const parseVariables = <T>(schema: z.ZodMiniType<T>, values: unknown, source: string): T => {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    [...(path.length > 0 ? [path.join('.')] : []), message].join(': '),
  );
  throw new ConfigError(`${source}: ${problems.join('; ')}`);
};

/** A variable that is set to nothing counts as not set. */
export const withoutEmpty = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => typeof value !== 'string' || value.trim() !== ''),
  );

/** Reads what every function needs. Throws a {@link ConfigError} that names each wrong variable. */
export const loadConfig = (variables: Record<string, string | undefined> = process.env): Config => {
  const config = parseVariables(environment, withoutEmpty(variables), 'environment');
  if (config.CALLBACK_ALLOW_PRIVATE && config.AWS_LAMBDA_FUNCTION_NAME !== undefined)
    throw new ConfigError(
      'environment: CALLBACK_ALLOW_PRIVATE must not be true on AWS, where private addresses lead to other services',
    );
  return config;
};

/**
 * Reads the credentials: from the JSON of the secrets where there are any, else from the environment. Throws a
 * {@link ConfigError} that names each one that cannot be used, and never its value.
 */
export const loadCredentials = (
  providerNames: readonly string[],
  secrets: readonly string[] | undefined,
  variables: Record<string, string | undefined> = process.env,
): Credentials => {
  const source = secrets === undefined ? 'environment' : 'credentials secret';
  const values = withoutEmpty(
    secrets === undefined ? variables : Object.assign({}, ...secrets.map(parseSecret)),
  );
  const providers = z.object(Object.fromEntries(providerNames.map((name) => [name, z.optional(secretText)])));
  return {
    ...parseVariables(ownCredentials, values, source),
    providers: withoutUndefined(parseVariables(providers, values, source)),
  };
};

const withoutUndefined = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

/** The key that signs links, for who must sign. */
export const requireLinkSigningKey = ({ LINK_SIGNING_KEY: key }: Credentials): string => {
  if (key === undefined) throw new ConfigError('credentials: LINK_SIGNING_KEY is missing');
  return key;
};

/** The names and values in a secret. Throws a {@link ConfigError} that tells nothing of what stands there instead. */
export const parseSecret = (secret: string): Record<string, unknown> => {
  const wrong = () => new ConfigError('credentials secret: must be a JSON object of names and values');
  let values: unknown;
  try {
    values = JSON.parse(secret);
  } catch {
    // biome-ignore lint/style/useErrorCause: the parser's error quotes the text, which is secret
    throw wrong();
  }
  if (Object.prototype.toString.call(values) !== '[object Object]') throw wrong();
  return values as Record<string, unknown>;
};

/** What a function may read from its environment, beside what providers need. */
export const functionVariables: readonly string[] = [
  ...Object.keys(environment.shape),
  ...Object.keys(ownCredentials.shape),
];

/** The environment as it is, for programs that run the functions outside Lambda. */
export const currentEnvironment = (): Record<string, string | undefined> => ({ ...process.env });

/** Sets variables for everything that reads them later; `undefined` removes one. */
export const exportEnvironment = (values: Record<string, string | undefined>): void => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
};
