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

type LogRecord = { level: LogLevel; time: string; message: string } & LogFields;

/** One record a line on standard output: JSON, or words where a person reads it in a terminal. */
export const createLog = (lowest: LogLevel, context: LogFields = {}, write = writeLine): Log => {
  const format = write === writeLine && process.stdout.isTTY ? formatWords : JSON.stringify;
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return;
      const record: LogRecord = { level, time: new Date().toISOString(), message, ...context };
      for (const [key, value] of Object.entries(fields)) record[key] = describe(value);
      write(format(record));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

const formatWords = ({ level, time, message, error, ...fields }: LogRecord): string => {
  const named = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const line = [time.slice(11, 19), level.toUpperCase().padEnd(5), message, ...named].join(' ');
  return [line, ...stacksOf(error)].join('\n  ');
};

const stacksOf = (error: unknown): string[] => {
  const { stack, cause } = Object(error) as { stack?: string; cause?: unknown };
  return stack === undefined ? [] : [stack, ...stacksOf(cause)];
};

const writeLine = (line: string) => process.stdout.write(`${line}\n`);
