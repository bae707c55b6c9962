import * as z from 'zod/mini';

const flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((text) => text === 'true'),
);
export const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,9}$/, 'must be a whole number')),
  z.transform(Number),
);
const commaList = z.pipe(
  z.string(),
  z.transform((text) => text.split(',').flatMap((part) => part.trim() || [])),
);
export const url = z.pipe(
  z.string().check(z.regex(/^https?:\/\/[^\s]+$/, 'must be an http(s) URL')),
  z.transform((text) => text.replace(/\/+$/, '')),
);
const text = z.string().check(z.minLength(1));

/** What every function reads. A name is a promise to the operator: `docs/deploy.md` and the README list them. */
const environment = z.object({
  /** The one DynamoDB table. */
  TABLE_NAME: text,
  SUBMISSIONS_QUEUE_URL: text,
  POLLS_QUEUE_URL: text,
  CALLBACKS_QUEUE_URL: text,
  /** The private bucket of inputs and stored images. */
  ASSETS_BUCKET: text,
  /** Secrets Manager secrets (JSON), comma-separated, that hold what this function may know of the credentials. Absent: they stand in the environment. */
  CREDENTIALS_SECRET_IDS: z.optional(commaList),
  /** Where the world reaches the gateway: for providers' pushes and `/files` links. Absent in the function that serves that address. */
  PUBLIC_URL: z.optional(url),
  /** Whether callbacks may go to http and to private addresses. Never on AWS. */
  CALLBACK_ALLOW_PRIVATE: z._default(flag, false),
  /** Creating requests per workspace and minute; reads get ten times as many. */
  RATE_LIMIT_PER_MINUTE: z._default(wholeNumber, 600),
  /** Whether videos are copied into the bucket, instead of handing on the provider's own links. */
  COPY_RESULTS: z._default(flag, false),
  /** How long a task can be asked about. */
  TASK_RETENTION_DAYS: z._default(wholeNumber, 30),
  /** Kling `metadata` fields that are passed on although this version does not know them, comma-separated. */
  KLING_EXTRA_FIELDS: z._default(commaList, []),
  /** How long a render takes at the median, where an account (or a fake) differs from the catalogue. */
  TYPICAL_RENDER_SECONDS: z.optional(wholeNumber),
  LOG_LEVEL: z._default(z.enum(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
  /** CloudWatch metrics go under this name. Absent: none are made. */
  METRICS_NAMESPACE: z.optional(text),

  KLING_BASE_URL: z._default(url, 'https://api-singapore.klingai.com'),
  OPENAI_BASE_URL: z._default(url, 'https://api.openai.com/v1'),
  GEMINI_BASE_URL: z._default(url, 'https://generativelanguage.googleapis.com/v1beta'),
  XAI_BASE_URL: z._default(url, 'https://api.x.ai/v1'),

  /** Set on Lambda only. */
  AWS_LAMBDA_FUNCTION_NAME: z.optional(text),
});

const credentials = z.object({
  KLING_API_KEY: z.optional(text),
  KLING_ACCESS_KEY: z.optional(text),
  KLING_SECRET_KEY: z.optional(text),
  OPENAI_API_KEY: z.optional(text),
  GEMINI_API_KEY: z.optional(text),
  XAI_API_KEY: z.optional(text),
  /** Signs `/files` links and Kling's push addresses. Only who does so is given it. */
  LINK_SIGNING_KEY: z.optional(text),
  /** What CloudFront adds to each request, where it stands before the gateway. */
  ORIGIN_SECRET: z.optional(text),
});

/** The header in which CloudFront proves that a request came through it. */
export const originHeader = 'x-clear-origin-secret';

/** The variables that a function is deployed with, as text. CDK and the local stack must supply these. */
export type FunctionEnvironment = z.input<typeof environment>;
export type Config = z.output<typeof environment>;
/** The content of the secrets, or the same names in the environment. */
export type Credentials = z.output<typeof credentials>;

/** A setting that cannot be used. Names the variable and what it must be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads text values by a schema. Throws a {@link ConfigError} that names each wrong one. */
export const parseVariables = <T>(schema: z.ZodMiniType<T>, values: unknown, source: string): T => {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`${source}: ${problems.join('; ')}`);
};

/** A variable that is set to nothing counts as not set. */
export const withoutEmpty = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

/** Reads what every function needs. Throws a {@link ConfigError} that names each wrong variable. */
export const loadConfig = (variables: Record<string, string | undefined> = process.env): Config => {
  const config = parseVariables(environment, withoutEmpty(variables), 'environment');
  if (config.CALLBACK_ALLOW_PRIVATE && config.AWS_LAMBDA_FUNCTION_NAME !== undefined)
    throw new ConfigError(
      'environment: CALLBACK_ALLOW_PRIVATE must not be true on AWS, where private addresses lead to other services',
    );
  return config;
};

/** Reads the credentials: from the JSON of the secrets where there are any, else from the environment. */
export const loadCredentials = (
  secrets: readonly string[] | undefined,
  variables: Record<string, string | undefined> = process.env,
): Credentials =>
  secrets === undefined
    ? parseVariables(credentials, withoutEmpty(variables), 'environment')
    : parseVariables(
        credentials,
        withoutEmpty(Object.assign({}, ...secrets.map(parseSecret))),
        'credentials secret',
      );

/** The key that signs links, for who must sign. */
export const requireLinkSigningKey = ({ LINK_SIGNING_KEY: key }: Credentials): string => {
  if (key === undefined) throw new ConfigError('credentials: LINK_SIGNING_KEY is missing');
  return key;
};

const parseSecret = (secret: string): Record<string, unknown> => {
  try {
    return JSON.parse(secret);
  } catch {
    // biome-ignore lint/style/useErrorCause: the parser's error quotes the text, which is secret
    throw new ConfigError('credentials secret: must be a JSON object of names and values');
  }
};

/** Everything that a function may read from its environment. */
export const functionVariables: readonly string[] = [
  ...Object.keys(environment.shape),
  ...Object.keys(credentials.shape),
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
