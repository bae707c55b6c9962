import type { Table } from '../lib/aws/table.ts';
import { checkCallbackHeaders } from '../lib/callbacks/callback-headers.ts';
import { checkCallbackUrl } from '../lib/callbacks/callback-url.ts';
import { type Cap, readCap, showCap } from '../lib/cap.ts';
import type { Workspace } from '../lib/keys/workspace.ts';
import { createWorkspaceStore, type WorkspaceChanges } from '../lib/keys/workspace-store.ts';
import { formatUsd } from '../lib/money.ts';
import { remainingMicroUsd } from '../lib/usage/budget.ts';
import { periodAt } from '../lib/usage/budget-period.ts';
import { createBudgetStore } from '../lib/usage/budget-store.ts';
import type { Given, Subcommand } from './command-line.ts';
import { connectTasks } from './connect-tasks.ts';
import { textTable, textTime } from './text-table.ts';
import { UsageError } from './usage-error.ts';

/** Returns a setting to its default. */
const none = 'none';
const operand = 'a workspace id, as the list of keys shows it';

/** Header values may be somebody's tokens, so only the names are told. */
const describe = (workspace: Workspace) => {
  const {
    id,
    createdAtMs,
    livemode,
    callbackUrl,
    callbackHeaders = {},
    rateLimitPerMinute,
    maxInFlight,
    cap,
  } = workspace;
  const headerNames = Object.keys(callbackHeaders);
  const rows = [
    ['workspace', id],
    ['kind', livemode ? 'live' : 'test'],
    ['created', textTime(createdAtMs)],
    ['callback URL', callbackUrl ?? none],
    ['callback headers', headerNames.join(', ') || none],
    ['rate limit', rateLimitPerMinute === undefined ? 'of the deployment' : `${rateLimitPerMinute} a minute`],
    ['videos in flight', maxInFlight === undefined ? 'any number' : `${maxInFlight} at most`],
    ['spending cap (USD)', cap === undefined ? none : showCap(cap)],
  ];
  return {
    rows,
    text: textTable(rows),
    data: {
      workspace: id,
      livemode,
      created_at: new Date(createdAtMs).toISOString(),
      callback_url: callbackUrl ?? null,
      callback_headers: headerNames,
      rate_limit_per_minute: rateLimitPerMinute ?? null,
      max_in_flight: maxInFlight ?? null,
      cap_usd: cap === undefined ? null : showCap(cap),
    },
  };
};

/** What a workspace with a cap has committed in the present day or month. */
const describeBudget = async (table: Table, { id, cap }: Workspace, nowMs: number) => {
  if (cap === undefined) return { rows: [], data: {} };
  const { id: periodId, resetsAtMs } = periodAt(cap.per, nowMs);
  const budget = await createBudgetStore(table, () => nowMs).find({ workspaceId: id, periodId });
  const spent = formatUsd(budget?.committedMicroUsd ?? 0);
  const remaining = formatUsd(remainingMicroUsd(budget, cap.microUsd));
  const underWay = budget?.reservations.size ?? 0;
  return {
    rows: [
      ['spent or reserved (USD)', `${spent}, with ${underWay} tasks under way`],
      ['left (USD)', `${remaining} until ${textTime(resetsAtMs)}`],
    ],
    data: {
      spent_usd: spent,
      remaining_usd: remaining,
      tasks_under_way: underWay,
      resets_at: new Date(resetsAtMs).toISOString(),
    },
  };
};

const readUrl = (text: string, allowPrivate: boolean): string => {
  const problem = checkCallbackUrl(text, { allowPrivate });
  if (problem !== undefined) throw new UsageError(`--callback-url ${problem}`);
  return text;
};

const readHeaders = (lines: string[]): Record<string, string> | undefined => {
  if (lines.length === 1 && lines[0] === none) return undefined;
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new UsageError('--callback-header must be written as "Name: value".');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const problem = checkCallbackHeaders(headers);
  if (problem !== undefined) throw new UsageError(`--callback-header: ${problem}.`);
  return Object.fromEntries(headers);
};

const readRateLimit = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new UsageError('--rate-limit must be a whole number of requests a minute, from 1 to 999999.');
  return Number(text);
};

/** Each start reads all that are in flight. */
const maxLimit = 200;

const readMaxInFlight = (text: string): number => {
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > maxLimit)
    throw new UsageError(`--max-in-flight must be a whole number from 1 to ${maxLimit}.`);
  return Number(text);
};

const readCapOption = (text: string): Cap => {
  const cap = readCap(text);
  if (typeof cap === 'string') throw new UsageError(`--cap-usd ${cap}`);
  return cap;
};

const unlessNone = <Value>(text: string, read: (text: string) => Value): Value | undefined =>
  text === none ? undefined : read(text);

const readChanges = (given: Given, allowPrivate: boolean): WorkspaceChanges => {
  const url = given.value('callback-url');
  const headers = given.list('callback-header');
  const rateLimit = given.value('rate-limit');
  const maxInFlight = given.value('max-in-flight');
  const cap = given.value('cap-usd');
  return {
    ...(url !== undefined && { callbackUrl: unlessNone(url, (text) => readUrl(text, allowPrivate)) }),
    ...(headers.length > 0 && { callbackHeaders: readHeaders(headers) }),
    ...(rateLimit !== undefined && { rateLimitPerMinute: unlessNone(rateLimit, readRateLimit) }),
    ...(maxInFlight !== undefined && { maxInFlight: unlessNone(maxInFlight, readMaxInFlight) }),
    ...(cap !== undefined && { cap: unlessNone(cap, readCapOption) }),
  };
};

const noSuchWorkspace = (id: string) =>
  new Error(`There is no workspace ${id}. "npm run keys -- list" shows them all.`);

export const setWorkspace: Subcommand = {
  usage: `workspace set <id> [--callback-url <url>] [--callback-header "Name: value"]... [--rate-limit <n>] [--max-in-flight <n>] [--cap-usd <amount>/day|month]`,
  summary: `change a workspace's settings; "${none}" returns one to its default. The headers given replace those before`,
  operand,
  options: ['callback-url', 'rate-limit', 'max-in-flight', 'cap-usd'],
  lists: ['callback-header'],
  async run(deployment, given, nowMs) {
    const { table, allowPrivate } = deployment;
    const id = given.operand;
    const changes = readChanges(given, allowPrivate);
    if (Object.keys(changes).length === 0) throw new UsageError('Say what to set.');
    const workspaces = createWorkspaceStore(table);
    if (changes.cap !== undefined && (await workspaces.find(id))?.livemode === false)
      throw new UsageError(`${id} is a test workspace: what its keys make costs nothing, so it has no cap.`);
    const workspace = await workspaces.set(id, changes);
    if (!workspace) throw noSuchWorkspace(id);
    if ('maxInFlight' in changes) await connectTasks(deployment, nowMs).queue.limitChanged(id);
    return describe(workspace);
  },
};

export const showWorkspace: Subcommand = {
  usage: 'workspace show <id>',
  summary: "show a workspace's settings, and what is left of its budget",
  operand,
  async run({ table }, { operand: id }, nowMs) {
    const workspace = await createWorkspaceStore(table).find(id);
    if (!workspace) throw noSuchWorkspace(id);
    const [settings, budget] = [describe(workspace), await describeBudget(table, workspace, nowMs)];
    return {
      text: textTable([...settings.rows, ...budget.rows]),
      data: { ...settings.data, ...budget.data },
    };
  },
};
