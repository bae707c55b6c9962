import type { Candidate } from '../../images/candidates.ts';
import type { ImageModel } from '../../providers/image-models.ts';
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

/** What there is to say about a model's end, before it and after. */
export const lifecycleNotes = ({
  requested,
  serving,
}: {
  requested: ImageModel;
  serving: ImageModel;
}): string[] => {
  if (serving.id !== requested.id) return [`${requested.id} is retired; ${serving.id} serves its requests`];
  const { shutdownDate, successor } = requested;
  if (shutdownDate !== undefined)
    return [
      `${requested.id} will be retired on ${shutdownDate}${successor === undefined ? '' : `; then ${successor} serves its requests`}`,
    ];
  return successor === undefined ? [] : [`${requested.id} is deprecated; use ${successor}`];
};

export const missingNote = (made: number, wanted: number): string[] =>
  made < wanted
    ? [`${wanted - made} of ${wanted} images are missing: the provider withheld them or they were lost`]
    : [];
