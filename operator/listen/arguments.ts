import * as z from 'zod/mini';
import { dayMs, hourMs, minuteMs, secondMs } from '../../lib/time.ts';
import { parseArguments } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';

export const usage = `Follows the events of your tasks and forwards each to a receiver on your machine, signed as a callback is.

Usage: npm run listen -- --forward-to <url> [options]

  --forward-to <url>  where events go, such as http://127.0.0.1:9000/hook
  --url <url>         the gateway; without it CLEARMAAS_URL
  --key <key>         an API key of the workspace; without it CLEARMAAS_API_KEY, which other users of the machine cannot see
  --types <types>     only these, separated by commas: video.completed,video.failed,…
  --since <time>      begin so long ago (30s, 15m, 1h, 2d) or at a time (2026-11-26T09:30:00Z), whatever was forwarded before
  --state <file>      where the position is kept; without it a file in .listen/ for each gateway, key and receiver
  --help              this text

A first start begins now; each later one goes on where the last one stopped, so nothing is missed in between. An event may
arrive twice, under the same webhook-id. Ctrl-C ends it.

Examples:
  npm run listen -- --forward-to http://127.0.0.1:9000/hook
  npm run listen -- --url https://gateway.example.com --forward-to http://127.0.0.1:9000/hook --since 1h
  npm run listen -- --forward-to http://127.0.0.1:9000/hook --types video.failed,image.failed
`;

export type ListenArguments = {
  /** Without `/v1` and a slash at its end. */
  gatewayUrl: string;
  key: string;
  receiverUrl: string;
  types: string | undefined;
  since: Since | undefined;
  stateFile: string | undefined;
};
/** How long ago, or when. */
type Since = { agoMs: number } | { atMs: number };

const unitMs: Record<string, number> = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs };

const readSince = (text: string): Since => {
  const [, count, unit = ''] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return { agoMs: Number(count) * (unitMs[unit] ?? 0) };
  const atMs = z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw new UsageError(
      `--since "${text}" is neither a span such as 15m, 1h or 2d nor a time with its zone.`,
    );
  return { atMs };
};

const readUrl = (name: string, text: string | undefined): string => {
  if (text === undefined || text === '') throw new UsageError(`--${name} is missing.`);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UsageError(`--${name} must be a URL that begins with http:// or https://.`);
  return text;
};

const text = { type: 'string' } as const;
const options = {
  url: text,
  key: text,
  'forward-to': text,
  types: text,
  since: text,
  state: text,
  help: { type: 'boolean', short: 'h' },
} as const;

type Variables = Readonly<Record<string, string | undefined>>;

/** What is asked for; `help` where that is the usage. Throws a {@link UsageError} for what cannot be understood. */
export const readArguments = (args: string[], variables: Variables): ListenArguments | 'help' => {
  const { values } = parseArguments({ args, options });
  if (values.help === true) return 'help';
  const key = (values.key ?? variables['CLEARMAAS_API_KEY'] ?? '').trim();
  if (!/^[!-~]+$/.test(key)) throw new UsageError('--key is missing, or no API key.');
  return {
    gatewayUrl: readUrl('url', values.url ?? variables['CLEARMAAS_URL'])
      .replace(/\/+$/, '')
      .replace(/\/v1$/, ''),
    key,
    receiverUrl: readUrl('forward-to', values['forward-to']),
    types: values.types,
    since: values.since === undefined ? undefined : readSince(values.since),
    stateFile: values.state,
  };
};
