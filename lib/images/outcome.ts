import type { Problem } from '../errors.ts';
import type { ImageFailure, MadeImages } from '../providers/image-provider.ts';
import type { Candidate } from './candidates.ts';

/** No model that was tried can do what is asked; nobody was called. */
type Impossible = { status: 'impossible'; problems: readonly Problem[] };
/** The images were made but could not be stored. */
type NotStored = { status: 'not-stored'; cause: unknown };

/** Why there are no images. */
export type NotMade = {
  status: 'not-made';
  /** The model that was asked for, by its public id. */
  model: string;
  failure: ImageFailure | Impossible | NotStored;
  /** Whether any of the providers that were asked may have made, and charged for, images. */
  mayHaveBeenPaid: boolean;
};

/** Who made the images in the end. */
export type Making = {
  status: 'made';
  made: MadeImages;
  candidate: Candidate;
  /** The models, itself perhaps among them, that gave a call no clear answer: each may have made, and charged for, images too. */
  unclear: readonly string[];
};
