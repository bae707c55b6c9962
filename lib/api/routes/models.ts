import type { ImageProviders } from '../../providers/image-provider.ts';
import type { Model } from '../../providers/model.ts';
import type { Registry } from '../../providers/registry.ts';
import type { Clock } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { publicModelId } from '../model-ids.ts';
import { unknownModel } from '../serving-model.ts';

const modelObject = (model: Model) => ({
  id: model.id,
  object: 'model',
  created: model.createdAtSeconds,
  owned_by: model.ownedBy,
  supported_endpoint_types: [model.kind],
  shutdown_date: model.shutdownDate ?? null,
  successor: model.successor ?? null,
  ...(model.parameters !== undefined && { parameters: model.parameters }),
});

export type ListModelsDependencies = {
  registry: Registry;
  settings: { videoProviders: ReadonlySet<string> };
  imageProviders: ImageProviders;
  now: Clock;
};

/** `GET /v1/models`: what this deployment can make now, in OpenAI's list shape. */
export const createListModels = ({ registry, settings, imageProviders, now }: ListModelsDependencies) => {
  const canServe = (model: Model): boolean =>
    model.kind === 'video'
      ? settings.videoProviders.has(model.provider)
      : imageProviders[model.provider] !== undefined;

  return (c: ApiContext): Response => {
    const usable = registry.models.filter(({ id }) => {
      const resolved = registry.resolveModel(id, now());
      return typeof resolved === 'object' && canServe(resolved.serving);
    });
    return c.json({ object: 'list', data: usable.map(modelObject) });
  };
};

/** `GET /v1/models/{provider}/{model}`. */
export const createGetModel =
  ({ registry }: { registry: Registry }) =>
  (c: ApiContext): Response => {
    const id = c.req.param('model') ?? '';
    const model = registry.findModel(publicModelId(registry, id));
    if (model === undefined) throw unknownModel(registry, id);
    return c.json(modelObject(model));
  };
