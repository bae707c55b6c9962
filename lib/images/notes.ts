import type { Candidate } from './candidates.ts';

/** What there is to say about a model's end, before it and after. */
export const lifecycleNotes = ({
  requested,
  serving,
}: Pick<Candidate, 'requested' | 'serving'>): string[] => {
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
