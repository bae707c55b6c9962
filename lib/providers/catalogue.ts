import { type ImageModel, imageModels } from './image-models.ts';
import { type VideoModel, videoModels } from './video-models.ts';

export type Model = VideoModel | ImageModel;

/** `serving` makes what was asked of `requested`; they differ when the requested model is retired. */
export type ResolvedModel = { requested: Model; serving: Model };

const models: readonly Model[] = [...videoModels, ...imageModels];

export const listModels = (): readonly Model[] => models;

export const findModel = (id: string, catalogue = models): Model | undefined =>
  catalogue.find((model) => model.id === id);

/**
 * Who serves a public model id now. A retired model is served by its successor, or that one's successor;
 * `unavailable` when the line ends with a retired one.
 */
export const resolveModel = (
  id: string,
  nowMs: number,
  catalogue = models,
): ResolvedModel | 'unknown' | 'unavailable' => {
  const requested = findModel(id, catalogue);
  if (requested === undefined) return 'unknown';
  let serving: Model | undefined = requested;
  for (let steps = 0; serving !== undefined && steps < catalogue.length; steps += 1) {
    if (!isRetired(serving, nowMs)) return { requested, serving };
    serving = serving.successor === undefined ? undefined : findModel(serving.successor, catalogue);
  }
  return 'unavailable';
};

const isRetired = ({ shutdownDate }: Model, nowMs: number): boolean =>
  shutdownDate !== undefined && nowMs >= Date.parse(`${shutdownDate}T00:00:00Z`);
