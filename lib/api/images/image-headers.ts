import type { Candidate } from '../../images/candidates.ts';
import { formatUsd } from '../../money.ts';
import type { TaskCost } from '../../tasks/task-money.ts';
import type { ApiContext } from '../context.ts';

/** Name the model that served, where it is not the one asked for. */
export const servedByHeaders = (
  { requested, serving, level }: Candidate,
  chainWasUsed: boolean,
): Record<string, string> => ({
  ...(serving.id !== requested.id && { 'x-clear-resolved-model': serving.id }),
  ...(chainWasUsed && { 'x-clear-fallback-level': String(level) }),
  ...(chainWasUsed && level > 0 && { 'x-clear-fallback-model': serving.id }),
});

export const costHeader = ({ microUsd }: TaskCost): Record<string, string> =>
  microUsd === null ? {} : { 'x-clear-cost-usd': formatUsd(microUsd) };

export const setHeaders = (c: ApiContext, headers: Record<string, string>): void => {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
};

/**
 * Everything that the caller asked for and did not get as asked, in one header. Fields are named as the caller wrote them, and a
 * header takes only printable ASCII.
 */
export const setWarnings = (c: ApiContext, notes: readonly string[]): void => {
  if (notes.length > 0) c.header('x-clear-warnings', notes.join('; ').replace(/[^\x20-\x7e]/g, '?'));
};
