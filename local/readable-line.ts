import type { LogFields, LogRecord } from '../lib/observability/log.ts';

type Words = (fields: LogFields) => string;

const seconds = (ms: unknown): string => `${(Number(ms) / 1_000).toFixed(1)} s`;
const clockTime = (at: unknown): string => new Date(at as number | string).toTimeString().slice(0, 8);
const withModel = (text: string, model: unknown): string =>
  model === undefined ? text : `${text}, ${model}`;

/** What is told of a request, a step of a task, an attempt, in a terminal. */
const wordsOf: Readonly<Record<string, Words>> = {
  request: ({ method, path, status, durationMs }) => `${method} ${path} ${status} (${durationMs} ms)`,
  'task accepted': ({ model }) => withModel('task accepted', model),
  'task submitted': ({ delayMs }) => `handed to the provider after ${seconds(delayMs)}`,
  'task handed to the provider': ({ status, code }) =>
    `the provider answered: ${status}${code === undefined ? '' : ` (${code})`}`,
  'task moved': ({ from, to }) => `${from} -> ${to}`,
  'task ended': ({ status, durationMs }) => `${status} after ${seconds(durationMs)}`,
  'provider asked': ({ outcome, code }) =>
    `the provider was asked: ${outcome}${code === undefined ? '' : ` (${code})`}`,
  'result copied': ({ durationMs }) => `result copied in ${seconds(durationMs)}`,
  'attempt made': ({ attempt, origin, delivered, statusCode, cause, nextAttemptAtMs }) => {
    const outcome = delivered === true ? `delivered (${statusCode})` : cause;
    const next = nextAttemptAtMs === undefined ? '' : `; next attempt at ${clockTime(nextAttemptAtMs)}`;
    return `callback attempt ${attempt ?? 'on request'} to ${origin}: ${outcome}${next}`;
  },
  'attempt put off': ({ untilMs, cause }) => `callback put off until ${clockTime(untilMs)}: ${cause}`,
  'event delivered': ({ type }) => `${type} delivered`,
  'event undelivered': ({ type }) => `${type} given up`,
  'images stored': ({ fileIds }) => `${(fileIds as unknown[]).length} image(s) stored`,
};

/** Work that recurs whether or not anything happens. */
const recurring: readonly string[] = ['swept', 'queues reconciled'];
/** Of use to a machine that searches many lines. */
const unnamed: readonly string[] = ['function', 'requestId', 'workspaceId', 'messageId'];

/** A record of the log as one line for a person; `undefined` for one that would only be in the way. */
export const readableLine = (record: LogRecord): string | undefined => {
  const { level, timestamp, message, error, taskId, ...fields } = record;
  if (level === 'info' && recurring.includes(message)) return undefined;
  const line = [
    clockTime(timestamp),
    ...(level === 'info' ? [] : [level.toUpperCase()]),
    `${describe(message, fields)}${level === 'error' ? '' : reasonOf(error)}`,
    ...(taskId === undefined ? [] : [taskId]),
  ].join('  ');
  return [line, ...(level === 'error' ? stacksOf(error) : [])].join('\n  ');
};

const reasonOf = (error: unknown): string => {
  const { message } = Object(error) as { message?: string };
  return message === undefined ? '' : `: ${message}`;
};

/** Lines that were joined say several things. */
const describe = (message: string, fields: LogFields): string => {
  const words = message.split(', ').map((part) => wordsOf[part]);
  if (words.every((each) => each !== undefined)) return words.map((each) => each(fields)).join('; ');
  const named = Object.entries(fields)
    .filter(([name]) => !unnamed.includes(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [message, ...named].join(' ');
};

const stacksOf = (error: unknown): string[] => {
  const { stack, cause } = Object(error) as { stack?: string; cause?: unknown };
  return stack === undefined ? [] : [stack, ...stacksOf(cause)];
};
