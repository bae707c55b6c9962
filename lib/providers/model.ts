/** What every model in the catalogue has, whatever it makes. */
type ModelEntry = {
  /** The public id, `namespace/name`. */
  id: string;
  /** The name of the descriptor that it belongs to. */
  provider: string;
  ownedBy: string;
  createdAtSeconds: number;
  /** The provider's own name for it. */
  upstreamId: string;
  /** From this day on (`YYYY-MM-DD`, UTC) the provider no longer serves it. */
  shutdownDate?: string;
  /** The public id of the model that serves its requests from then on. */
  successor?: string;
  /** Fields of a request that not all models of its kind take, or not with the same values. */
  parameters?: ModelParameters;
};

/** By the field's name: which values it takes, or any that the request's schema allows. */
export type ModelParameters = Readonly<Record<string, { enum?: readonly (string | number)[] }>>;

export type VideoModel = ModelEntry & { kind: 'video' };
export type ImageModel = ModelEntry & { kind: 'image' };
export type Model = VideoModel | ImageModel;

/** A model's day of release in the form that the wire wants. */
export const releasedOn = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1_000;

/** A provider's own entry for a model that the catalogue gave it. */
export const ownModel = <Own extends Model>(models: readonly Own[], { id }: Pick<Model, 'id'>): Own => {
  const own = models.find((model) => model.id === id);
  if (own === undefined) throw new Error(`${id} belongs to another provider`);
  return own;
};
