import { type Event, type EventName, events, type FieldsOf, type LogLevel } from './events.ts';
import { readableStack } from './readable-stack.ts';

export type LogFields = Record<string, unknown>;
export type Log = {
  event<Name extends EventName>(name: Name, fields: FieldsOf<Name>): void;
  /** A log that tells these fields with each event. */
  with(context: LogFields): Log;
};

/** What is told: one event, or several that became one line. */
export type LogLine = { level: LogLevel; event: string; message: string; fields: LogFields };
export type WriteLine = (line: LogLine) => void;

export const createLog = (write: WriteLine, context: LogFields = {}): Log => ({
  event(name, fields) {
    const { level, says } = events[name] as Event<typeof fields>;
    write({
      level: typeof level === 'function' ? level(fields) : level,
      event: name,
      message: says,
      fields: { ...context, ...fields },
    });
  },
  with: (more) => createLog(write, { ...context, ...more }),
});

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** The query of an address may be a credential. */
const withoutQueries = (text: string): string =>
  text.replace(/(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, '$1?…');

/** Errors do not serialise by themselves; keep what helps to find the cause. */
const describe = (value: unknown): unknown => {
  if (typeof value === 'string') return withoutQueries(value);
  if (!(value instanceof Error)) return value;
  return {
    name: value.name,
    message: withoutQueries(value.message),
    stack: value.stack && withoutQueries(readableStack(value.stack)),
    ...(value.cause !== undefined && { cause: describe(value.cause) }),
  };
};

/**
 * `level` and `timestamp` are what Lambda reads itself
 * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html).
 */
export type LogRecord = { level: LogLevel; timestamp: string; event: string; message: string } & LogFields;

/** `undefined`: a line that is not to be written. */
type FormatLine = (record: LogRecord) => string | undefined;

let formatLine: FormatLine = JSON.stringify;

/** Sets how this process writes the lines of all its logs on standard output; as JSON unless told otherwise. */
export const formatLinesWith = (format: FormatLine): void => {
  formatLine = format;
};

const print = (record: LogRecord): void => {
  const line = formatLine(record);
  if (line !== undefined) process.stdout.write(`${line}\n`);
};

/** One record a line on standard output, or wherever `write` takes it. */
export const recordLines =
  (
    lowest: LogLevel | 'silent',
    context: LogFields = {},
    write: (record: LogRecord) => void = print,
  ): WriteLine =>
  ({ fields, ...line }) => {
    if (lowest === 'silent' || levels.indexOf(line.level) < levels.indexOf(lowest)) return;
    const record: LogRecord = { ...line, timestamp: new Date().toISOString(), ...context };
    for (const [name, value] of Object.entries(fields)) record[name] = describe(value);
    write(record);
  };
