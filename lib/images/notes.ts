import type { ImageRequest } from '../providers/image-provider.ts';
import type { Candidate } from './candidates.ts';
import type { Making } from './outcome.ts';

/** What of a request the model that makes its images does not do as asked; `notes`: what none does. */
export const notesOn = (candidate: Candidate, notes: readonly string[]): string[] => {
  const { plan } = candidate;
  return [...lifecycleNotes(candidate), ...notes, ...(plan.possible ? plan.notes : [])];
};

/** What there is to say about a model's end, before it and after. */
const lifecycleNotes = ({ requested, serving }: Candidate): string[] => {
  if (serving.id !== requested.id) return [`${requested.id} is retired; ${serving.id} serves its requests`];
  const { shutdownDate, successor } = requested;
  if (shutdownDate !== undefined)
    return [
      `${requested.id} will be retired on ${shutdownDate}${successor === undefined ? '' : `; then ${successor} serves its requests`}`,
    ];
  return successor === undefined ? [] : [`${requested.id} is deprecated; use ${successor}`];
};

const unclearNotes = (models: readonly string[]): string[] =>
  models.map(
    (model) =>
      `${model} gave a call no clear answer: it may have made and charged images too, which are not in the cost told here`,
  );

const missingNote = (made: number, wanted: number): string[] =>
  made < wanted
    ? [`${wanted - made} of ${wanted} images are missing: the provider withheld them or they were lost`]
    : [];

/** All that there is to say about images that were made; `count`: how many of them are there. */
export const warningsOn = (
  { candidate, unclear }: Making,
  {
    count,
    request,
    notes = [],
  }: { count: number; request: Pick<ImageRequest, 'n'>; notes?: readonly string[] },
): string[] => [...notesOn(candidate, notes), ...unclearNotes(unclear), ...missingNote(count, request.n)];
