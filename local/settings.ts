import * as z from 'zod/mini';
import { flag, parseVariables, url, wholeNumber, withoutEmpty } from '../lib/config.ts';
import { isTestKey, looksLikeApiKey } from '../lib/keys/api-key.ts';
import { registry } from '../lib/providers/registry.ts';
import { createPriceList } from '../lib/usage/price-list.ts';

const port = wholeNumber.check(z.lte(65_535, 'must be at most 65535'));
const seconds = z.pipe(
  z.string().check(z.regex(/^\d{1,6}(\.\d+)?$/, 'must be a number of seconds')),
  z.transform(Number),
);
const apiKey = z.string().check(
  z.refine(looksLikeApiKey, 'must be sk-clearmaas- followed by letters and digits'),
  z.refine(
    (key) => !isTestKey(key),
    'must not be a test key; "npm run keys -- create --test" makes one beside it',
  ),
);
const callbackSecret = z
  .string()
  .check(
    z.regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, 'must be whsec_ followed by 24 to 64 bytes in base64'),
  );

/** What `npm start` reads. The functions read more: `lib/config.ts`. */
const variables = z.object({
  /** The gateway's port on 127.0.0.1; 0: any free one. */
  PORT: z._default(port, 8787),
  /** Where everything is kept that must survive a restart. */
  DATA_DIR: z._default(z.string(), '.data'),
  /** The local workspace's key. Absent: made once and kept. */
  CLEARMAAS_API_KEY: z.optional(apiKey),
  /** The local workspace's signing secret. Absent: made once and kept. */
  CLEARMAAS_CALLBACK_SECRET: z.optional(callbackSecret),
  LOG_LEVEL: z._default(
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent'),
    'info',
  ),
  /** Absent: text in a terminal, JSON elsewhere. */
  LOG_FORMAT: z.optional(z.enum(['json', 'text'], 'must be json or text')),
  PROVIDERS: z._default(z.enum(['stand-in', 'live'], 'must be stand-in or live'), 'stand-in'),
  /** Where the world reaches the gateway. Absent: the gateway's own address. */
  PUBLIC_URL: z.optional(url),
  /** Whether the web page at `/console` is served. */
  CONSOLE: z._default(flag, true),
  /** How long a fake renders a video. */
  STAND_IN_SECONDS: z._default(seconds, 6),
});

export const startVariables: readonly string[] = Object.keys(variables.shape);

export type Settings = z.output<typeof variables> & {
  /** Everything that was set, for the functions to read. */
  variables: Record<string, string | undefined>;
};

/** Reads the settings of a local gateway. Throws a ConfigError that names each wrong variable. */
export const readSettings = (values: Record<string, string | undefined>): Settings => {
  const set = withoutEmpty(values) as Record<string, string | undefined>;
  createPriceList(registry, set);
  return { ...parseVariables(variables, set, 'settings'), variables: set };
};
