import type { EventName, FieldsOf } from '../lib/observability/events.ts';
import type { LogFields, LogRecord } from '../lib/observability/log.ts';

type Words = { [Name in EventName]?: (fields: FieldsOf<Name>) => string };

const seconds = (ms: unknown): string => `${(Number(ms) / 1_000).toFixed(1)} s`;
const clockTime = (at: unknown): string => new Date(at as number | string).toTimeString().slice(0, 8);
const withModel = (text: string, model: unknown): string =>
  model === undefined ? text : `${text}, ${model}`;

/** What is told of a request, a step of a task, an attempt, in a terminal. */
const wordsOf: Words = {
  'request.answered': ({ method, path, status, durationMs }) =>
    `${method} ${path} ${status} (${durationMs} ms)`,
  'task.accepted': ({ model }) => withModel('task accepted', model),
  'task.submitted': ({ delayMs }) => `handed to the provider after ${seconds(delayMs)}`,
  'video.handed-over': ({ status, code }) =>
    `the provider answered: ${status}${code === undefined ? '' : ` (${code})`}`,
  'task.moved': ({ from, to }) => `${from} -> ${to}`,
  'task.ended': ({ status, durationMs }) => `${status} after ${seconds(durationMs)}`,
  'video.polled': ({ outcome, code }) =>
    `the provider was asked: ${outcome}${code === undefined ? '' : ` (${code})`}`,
  'video.copied': ({ durationMs }) => `result copied in ${seconds(durationMs)}`,
  'callback.attempted': ({ attempt, origin, delivered, statusCode, cause, nextAttemptAtMs }) => {
    const outcome = delivered === true ? `delivered (${statusCode})` : cause;
    const next = nextAttemptAtMs === undefined ? '' : `; next attempt at ${clockTime(nextAttemptAtMs)}`;
    return `callback attempt ${attempt ?? 'on request'} to ${origin}: ${outcome}${next}`;
  },
  'callback.put-off': ({ untilMs, cause }) => `callback put off until ${clockTime(untilMs)}: ${cause}`,
  'callback.delivered': ({ type }) => `${type} delivered`,
  'callback.undelivered': ({ type }) => `${type} given up`,
  'images.stored': ({ fileIds }) => `${fileIds.length} image(s) stored`,
};

/** Work that recurs whether or not anything happens. */
const recurring: readonly string[] = ['sweep.ended', 'queues.reconciled'] satisfies EventName[];
/** Of use to a machine that searches many lines. */
const unnamed: readonly string[] = ['function', 'requestId', 'workspaceId', 'messageId'];

/** A record of the log as one line for a person; `undefined` for one that would only be in the way. */
export const readableLine = (record: LogRecord): string | undefined => {
  const { level, timestamp, event, message, error, taskId, ...fields } = record;
  if (level === 'info' && recurring.includes(event)) return undefined;
  const line = [
    clockTime(timestamp),
    ...(level === 'info' ? [] : [level.toUpperCase()]),
    `${describe(event, message, fields)}${level === 'error' ? '' : reasonOf(error)}`,
    ...(taskId === undefined ? [] : [taskId]),
  ].join('  ');
  return [line, ...(level === 'error' ? stacksOf(error) : [])].join('\n  ');
};

const reasonOf = (error: unknown): string => {
  const { message } = Object(error) as { message?: string };
  return message === undefined ? '' : `: ${message}`;
};

/** Lines that were joined say several things. */
const describe = (event: string, message: string, fields: LogFields): string => {
  const words = event
    .split(', ')
    .map((name) => (wordsOf as Record<string, (fields: LogFields) => string>)[name]);
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
