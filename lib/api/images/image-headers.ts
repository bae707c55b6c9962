import type { Candidate } from '../../images/candidates.ts';
import type { ApiContext } from '../context.ts';

/** Says who served, where that is not plainly who was asked. */
export const setServedBy = (
  c: ApiContext,
  { requested, serving, level }: Candidate,
  chainWasUsed: boolean,
): void => {
  if (serving.id !== requested.id) c.header('x-clear-resolved-model', serving.id);
  if (!chainWasUsed) return;
  c.header('x-clear-fallback-level', String(level));
  if (level > 0) c.header('x-clear-fallback-model', serving.id);
};

/** Everything that the caller asked for and did not get as asked, in one header. */
export const setWarnings = (c: ApiContext, notes: readonly string[]): void => {
  if (notes.length > 0) c.header('x-clear-warnings', notes.join('; '));
};
