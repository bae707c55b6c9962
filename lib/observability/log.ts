import { readableStack } from './readable-stack.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Record<string, unknown>;
export type Log = Record<LogLevel, (message: string, fields?: LogFields) => void>;

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Errors do not serialise by themselves; keep what helps to find the cause. */
const describe = (value: unknown): unknown =>
  value instanceof Error
    ? {
        name: value.name,
        message: value.message,
        stack: value.stack && readableStack(value.stack),
        ...(value.cause !== undefined && { cause: describe(value.cause) }),
      }
    : value;

/**
 * `level` and `timestamp` are what Lambda reads itself
 * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html).
 */
export type LogRecord = { level: LogLevel; timestamp: string; message: string } & LogFields;

/** `undefined`: a line that is not to be written. */
export type FormatLine = (record: LogRecord) => string | undefined;

let formatLine: FormatLine = JSON.stringify;

/** Sets how this process writes the lines of all its logs on standard output; as JSON unless told otherwise. */
export const formatLinesWith = (format: FormatLine): void => {
  formatLine = format;
};

/** One record a line on standard output. */
export const createLog = (
  lowest: LogLevel | 'silent',
  context: LogFields = {},
  write: (line: string) => unknown = writeLine,
): Log => {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (lowest === 'silent' || levels.indexOf(level) < levels.indexOf(lowest)) return;
      const record: LogRecord = { level, timestamp: new Date().toISOString(), message, ...context };
      for (const [key, value] of Object.entries(fields)) record[key] = describe(value);
      const line = write === writeLine ? formatLine(record) : JSON.stringify(record);
      if (line !== undefined) write(line);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

const writeLine = (line: string) => process.stdout.write(`${line}\n`);
