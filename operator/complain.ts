import { UsageError } from './usage-error.ts';

/** Says what went wrong, with the usage where a line was not understood, and answers with which code the process ends. */
export const complain = (error: unknown, usage: string): 1 | 2 => {
  const isWrongUsage = error instanceof UsageError;
  process.stderr.write(`${(error as Error).message}\n${isWrongUsage ? `\n${usage}` : ''}`);
  return isWrongUsage ? 2 : 1;
};
