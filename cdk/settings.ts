import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod/mini';

/** A whole number; `-c name=5` on the command line arrives as text. */
const wholeNumber = (minimum: number, maximum: number) =>
  z.pipe(
    z.union([z.number(), z.string().check(z.regex(/^\d+$/, 'must be a whole number'))]),
    z.pipe(z.transform(Number), z.int().check(z.minimum(minimum), z.maximum(maximum))),
  );
const flag = z.pipe(
  z.union([z.boolean(), z.enum(['true', 'false'])]),
  z.transform((value) => value === true || value === 'true'),
);
const text = z.string().check(z.minLength(1));
const url = z.string().check(z.regex(/^https?:\/\/\S+$/, 'must be an http(s) URL'));

/** CloudWatch keeps logs for certain numbers of days only. */
const keptDays = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days < 9_999);
const retentionDays = wholeNumber(1, 3_653).check(
  z.refine((days) => keptDays.includes(days), `must be one of ${keptDays.join(', ')}`),
);

const environmentSettings = {
  /** Creating requests per workspace and minute; reads get ten times as many. A workspace may have its own limit. */
  rateLimitPerMinute: z._default(wholeNumber(1, 1_000_000), 600),
  /** How long a task can be asked about. Kling keeps its videos for 30 days. */
  taskRetentionDays: z._default(wholeNumber(1, 3_650), 30),
  /** Copies finished videos into the bucket and hands on links to the copies, which work as long as the task is kept. */
  copyResults: z._default(flag, false),
  /** Kling `metadata` fields to pass on although this version does not know them, comma-separated. */
  klingExtraFields: z._default(z.string(), ''),
  /** How long a render takes at the median, where an account differs from the catalogue. Basis of progress and polling. */
  typicalRenderSeconds: z.optional(wholeNumber(1, 86_400)),
  /** Not above `info`, because metrics and alarms are made from the log. */
  logLevel: z._default(z.enum(['debug', 'info']), 'info'),
  /** Other addresses of the providers, such as a proxy or another region. */
  klingBaseUrl: z.optional(url),
  openaiBaseUrl: z.optional(url),
  geminiBaseUrl: z.optional(url),
  xaiBaseUrl: z.optional(url),
};

const capacitySettings = {
  /** How many submissions, of one task each, may run at once. A video takes a second, an image task as long as its provider. */
  submitConcurrency: z._default(wholeNumber(2, 1_000), 30),
  /** How many batches of five polls may run at once. */
  pollConcurrency: z._default(wholeNumber(2, 1_000), 10),
  /** How many callbacks may be under way at once. Each may wait 15 s for its receiver. */
  deliverConcurrency: z._default(wholeNumber(2, 1_000), 50),
  /**
   * Concurrency kept free for the API, which nothing else in the account can take. Not set: none, because AWS refuses
   * reservations in accounts that have less than about 100 to spare, as new ones do.
   */
  apiReservedConcurrency: z.optional(wholeNumber(1, 10_000)),
};

const operationSettings = {
  /** Where alarms go. Not set: alarms are shown in CloudWatch only. */
  alarmEmail: z.optional(z.string().check(z.regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address'))),
  logRetentionDays: z._default(retentionDays, 30),
  /** X-Ray traces of all functions. Costs per trace. */
  tracing: z._default(flag, false),
  /** Any text. Another one than before makes the functions read the credentials again at once. */
  credentialsVersion: z._default(z.pipe(z.union([text, z.number()]), z.transform(String)), '1'),
  /** Whether table, bucket and secret outlive the stack. Not set: in `production` only. */
  removalPolicy: z.optional(z.enum(['retain', 'destroy'])),
};

/** Puts CloudFront before the Function URL. The two belong together. */
const domainSettings = {
  domainName: z.optional(text),
  /** An ACM certificate for the domain, in us-east-1. */
  certificateArn: z.optional(
    z.string().check(z.regex(/^arn:aws[\w-]*:acm:us-east-1:/, 'must be in us-east-1')),
  ),
  /** A WAF web ACL of scope CLOUDFRONT. */
  webAclArn: z.optional(z.string().check(z.regex(/^arn:aws[\w-]*:wafv2:us-east-1:/, 'must be in us-east-1'))),
};

const schema = z
  .object({
    /** Names the deployment. Several may live in one account. */
    stage: z._default(
      z.string().check(z.regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be a short name in lower case')),
      'production',
    ),
    ...environmentSettings,
    ...capacitySettings,
    ...operationSettings,
    ...domainSettings,
  })
  .check(
    z.refine((settings) => (settings.domainName === undefined) === (settings.certificateArn === undefined), {
      path: ['domainName'],
      error: 'domainName and certificateArn must be set together',
    }),
    z.refine((settings) => settings.webAclArn === undefined || settings.domainName !== undefined, {
      path: ['webAclArn'],
      error: 'needs domainName, since WAF guards CloudFront and not a Function URL',
    }),
  );

type Parsed = z.output<typeof schema>;
export type Settings = Parsed & { stackName: string; keepData: boolean };

export const settingNames = Object.keys(schema.shape) as (keyof Parsed)[];

/** Reads a deployment's settings, from `cdk.json` or `-c name=value`. Throws an error that names each wrong one. */
export const readSettings = (read: (name: string) => unknown): Settings => {
  const given = Object.fromEntries(
    settingNames.map((name) => [name, read(name)]).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`These settings cannot be used (docs/deploy.md lists them all). ${problems.join('; ')}`);
  }
  const settings = parsed.data;
  return {
    ...settings,
    stackName: settings.stage === 'production' ? 'ClearMaasGateway' : `ClearMaasGateway-${settings.stage}`,
    keepData:
      (settings.removalPolicy ?? (settings.stage === 'production' ? 'retain' : 'destroy')) === 'retain',
  };
};
