/** What every model in the catalogue has, whatever it makes. */
export type ModelEntry = {
  /** The public id, `provider/name`. */
  id: string;
  ownedBy: string;
  createdAtSeconds: number;
  /** The provider's own name for it. */
  upstreamId: string;
  /** From this day on (`YYYY-MM-DD`, UTC) the provider no longer serves it. */
  shutdownDate?: string;
  /** The public id of the model that serves its requests from then on. */
  successor?: string;
};

/** A model's day of release in the form that the wire wants. */
export const releasedOn = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1_000;
