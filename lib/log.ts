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
        stack: value.stack,
        ...(value.cause !== undefined && { cause: describe(value.cause) }),
      }
    : value;

/** One JSON object a line on standard output, where Lambda and a terminal both pick it up. */
export const createLog = (lowest: LogLevel, context: LogFields = {}, write = writeLine): Log => {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return;
      const described = Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, describe(value)]),
      );
      write(JSON.stringify({ level, time: new Date().toISOString(), message, ...context, ...described }));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

const writeLine = (line: string) => process.stdout.write(`${line}\n`);
