import * as z from 'zod/mini';
import { ConfigError } from '../lib/config.ts';
import {
  batchingWindowSeconds,
  defaultConcurrency,
  defaultDueShards,
  defaultRateLimitPerMinute,
  defaultRetentionDays,
  maxDueShards,
  maxRetentionDays,
  minRetentionDays,
} from '../lib/limits.ts';
import { registry } from '../lib/providers/registry.ts';
import { readPriceOverrides } from '../lib/usage/price-overrides.ts';
import { meantInstead } from './meant-instead.ts';
import { providerSettingNames, providerSettingsSchema } from './provider-settings.ts';

const wholeNumber = (minimum: number, maximum: number, because = '') => {
  const error = `must be a whole number from ${minimum} to ${maximum}${because}`;
  return z.int(error).check(z.minimum(minimum, error), z.maximum(maximum, error));
};
/** How many executions an event source may start at once. */
const concurrency = wholeNumber(2, 1_000, ', since Lambda takes no fewer than 2 and no more than 1000');
const flag = z.boolean('must be true or false, without quotes');
const text = (pattern: RegExp, error: string) => z.string(error).check(z.regex(pattern, error));
const oneOf = <const T extends [string, ...string[]]>(values: T, because = '') =>
  z.enum(values, `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}${because}`);

/** CloudWatch keeps logs for these numbers of days only, or for ever. */
export const keptDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288,
  3_653,
];
const retentionRule = `must be one of ${keptDays.join(', ')}`;
const retentionDays = z
  .number(retentionRule)
  .check(z.refine((days) => keptDays.includes(days), retentionRule));

/** Says what is wrong with prices; `undefined`: nothing. */
const priceProblem = (given: unknown): string | undefined => {
  try {
    readPriceOverrides(given, modelIds);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return `cannot be used: ${error.message.replace(/^prices: /, '')}`;
    throw error;
  }
};
const modelIds = registry.models.map(({ id }) => id);
const prices = z.unknown().check(
  z.check((context) => {
    const message = priceProblem(context.value);
    if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
  }),
);

const placeSettings = {
  /** Where the stack is. Not set: the region of your AWS settings. */
  region: z.optional(
    text(
      /^(?!cn-)[a-z]{2}-[a-z]+-\d$/,
      'must be a region such as "eu-central-1"; China, GovCloud and the European Sovereign Cloud are not supported',
    ),
  ),
  /** Whether table, bucket and secrets outlive the stack. Not set: in `production` only. */
  removalPolicy: z.optional(oneOf(['retain', 'destroy'])),
};

const environmentSettings = {
  /** Creating requests per workspace and minute; reads get ten times as many. A workspace may have its own limit. */
  rateLimitPerMinute: z._default(wholeNumber(1, 1_000_000), defaultRateLimitPerMinute),
  /** How long a task can be asked about. A provider's own link may end before, that of a copy does not. */
  taskRetentionDays: z._default(
    wholeNumber(
      minRetentionDays,
      maxRetentionDays,
      ', since a task may run for a day and its callback be repeated for three and a half',
    ),
    defaultRetentionDays,
  ),
  /** Copies finished videos into the bucket and hands on links to the copies, which work as long as the task is kept. */
  copyResults: z._default(flag, false),
  /** How long a render takes at the median, where an account differs from the catalogue. Basis of progress and polling. */
  typicalRenderSeconds: z.optional(wholeNumber(1, 86_400)),
  /** Whether the gateway serves the web page at `/console`. */
  console: z._default(flag, true),
  /** Your own prices by model id, in the place of the listed ones; `docs/money.md` shows their form. */
  prices: z.optional(prices),
  /** Not above `info`, because metrics and alarms are made from the log. */
  logLevel: z._default(
    oneOf(['debug', 'info'], ', since metrics and alarms are made from the lines of level info'),
    'info',
  ),
};

/** What a preset sets, unless the setting itself is there. */
const presets = {
  standard: {},
  /** All of it, and the API, within the ten executions at once that a new account may have. */
  'small-account': { submitConcurrency: 2, imageConcurrency: 2, pollConcurrency: 2, deliverConcurrency: 2 },
} satisfies Record<string, Partial<Record<keyof typeof capacitySettings, number>>>;

/** `docs/performance.md` says what each serves. */
const capacitySettings = {
  preset: z._default(oneOf(['standard', 'small-account']), 'standard'),
  /** How many submissions, of one task each, may run at once. A video takes a second, an image task as long as its provider. */
  submitConcurrency: z._default(concurrency, defaultConcurrency.submissions),
  /** How many image tasks may be made at once. Each takes as long as its provider. */
  imageConcurrency: z._default(concurrency, defaultConcurrency.images),
  /** How many batches of five polls may run at once. */
  pollConcurrency: z._default(concurrency, defaultConcurrency.polls),
  /** How long polls are collected, so that up to five share an execution. With any window, AWS may hold a lone one for 20 s. */
  pollWindowSeconds: z._default(wholeNumber(0, 20), batchingWindowSeconds),
  /** How many callbacks may be under way at once. Each may wait 15 s for its receiver. */
  deliverConcurrency: z._default(concurrency, defaultConcurrency.callbacks),
  /** Concurrency that only the API can use. Not set: none, because AWS refuses it in small accounts. */
  apiReservedConcurrency: z.optional(wholeNumber(1, 10_000)),
  /** Over how many partitions the due index is spread; each takes 1,000 writes a second. */
  dueShards: z._default(wholeNumber(defaultDueShards, maxDueShards), defaultDueShards),
  /** Memory buys processor time, by which the sweep wakes more tasks after an outage. */
  sweepMemoryMb: z._default(wholeNumber(256, 3_008), 512),
};

const operationSettings = {
  /** Where alarms go. Not set: alarms are shown in CloudWatch only. */
  alarmEmail: z.optional(
    text(
      /^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+$/,
      'must be one e-mail address; for several people use a mailing list',
    ),
  ),
  logRetentionDays: z._default(retentionDays, 30),
  /** X-Ray traces of all functions. Costs per trace. */
  tracing: z._default(flag, false),
};

/** Puts CloudFront before the Function URL. The two belong together. */
const domainSettings = {
  domainName: z.optional(
    text(
      /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
      'must be a bare host name in lower case, such as "media.example.com", without https:// and without a path',
    ),
  ),
  /** An ACM certificate for the domain. */
  certificateArn: z.optional(
    text(
      /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
      'must be the ARN of an ACM certificate in us-east-1 (arn:aws:acm:us-east-1:<account>:certificate/<id>), since CloudFront takes no other',
    ),
  ),
  /** A WAF web ACL of scope CLOUDFRONT. */
  webAclArn: z.optional(
    text(
      /^arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\w-]+$/,
      'must be the ARN of a web ACL of scope CLOUDFRONT (arn:aws:wafv2:us-east-1:<account>:global/webacl/<name>/<id>); a regional one cannot guard CloudFront',
    ),
  ),
};

const settingsSchema = z
  .object({
    ...placeSettings,
    ...environmentSettings,
    ...capacitySettings,
    ...operationSettings,
    ...domainSettings,
  })
  .check(
    z.refine(({ domainName, certificateArn }) => domainName !== undefined || certificateArn === undefined, {
      path: ['certificateArn'],
      error: 'needs domainName, the host name that the certificate is for',
    }),
    z.refine(({ domainName, certificateArn }) => domainName === undefined || certificateArn !== undefined, {
      path: ['domainName'],
      error: 'needs certificateArn, an ACM certificate for it in us-east-1',
    }),
    z.refine(({ webAclArn, domainName }) => webAclArn === undefined || domainName !== undefined, {
      path: ['webAclArn'],
      error: 'needs domainName, since WAF guards CloudFront and not a Function URL',
    }),
  );

export const settingNames: readonly string[] = [
  ...Object.keys(settingsSchema.shape),
  ...providerSettingNames,
];

export type Settings = z.output<typeof settingsSchema> & {
  /** Those of the providers that are set, by their names. */
  providerSettings: Readonly<Record<string, unknown>>;
  stage: string;
  stackName: string;
  keepData: boolean;
};

/** Settings that cannot be used. The message names each wrong one and says what it may be. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const stageRule = /^(?!example$)[a-z][a-z0-9-]{0,30}$/;

/** Reads what stands in a stage's file. Throws a {@link SettingsError} that names everything that is wrong. */
export const readSettings = (stage: string, given: Record<string, unknown>, source: string): Settings => {
  const problems = Object.keys(given)
    .filter((name) => !settingNames.includes(name))
    .map((name) => `${name} is no setting${meantInstead(name, settingNames, stage)}`);
  const parsed = settingsSchema.safeParse({ ...presetOf(given), ...given });
  const ofProviders = providerSettingsSchema.safeParse(given);
  for (const { path, message } of [...(parsed.error?.issues ?? []), ...(ofProviders.error?.issues ?? [])])
    problems.push(`${path.join('.')} ${message}${found(valueAt(given, path))}`);
  if (!parsed.success || !ofProviders.success || problems.length > 0)
    throw new SettingsError(
      `These settings cannot be used (${source}; docs/deploy.md lists them all):\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    );
  const { removalPolicy = stage === 'production' ? 'retain' : 'destroy' } = parsed.data;
  return {
    ...parsed.data,
    removalPolicy,
    providerSettings: ofProviders.data,
    stage,
    stackName: stackNameOf(stage),
    keepData: removalPolicy === 'retain',
  };
};

/** A stage names the deployment. Several may live in one account. */
export const stackNameOf = (stage: string): string => {
  if (!stageRule.test(stage))
    throw new SettingsError(
      `stage must be a short name in lower case, such as "production" or "trial"${found(stage)}.`,
    );
  return stage === 'production' ? 'ClearMaasGateway' : `ClearMaasGateway-${stage}`;
};

const presetOf = ({ preset }: Record<string, unknown>) =>
  typeof preset === 'string' && Object.hasOwn(presets, preset) ? presets[preset as keyof typeof presets] : {};

const valueAt = (given: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((value, key) => Object(value)[key], given);
/** A password in an address is not repeated. */
const found = (value: unknown): string =>
  value === undefined ? '' : `, not ${JSON.stringify(value).replace(/\/\/[^/"]*@/g, '//…@')}`;
