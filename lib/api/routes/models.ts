import { findModel, listModels, type Model } from '../../providers/catalogue.ts';
import type { ApiContext } from '../context.ts';
import { unknownModel } from '../serving-model.ts';

const modelObject = (model: Model) => ({
  id: model.id,
  object: 'model',
  created: model.createdAtSeconds,
  owned_by: model.ownedBy,
  supported_endpoint_types: [model.kind],
  shutdown_date: model.shutdownDate ?? null,
  successor: model.successor ?? null,
});

/** `GET /v1/models`: everything callable, in OpenAI's list shape. */
export const listModelObjects = (c: ApiContext): Response =>
  c.json({ object: 'list', data: listModels().map(modelObject) });

/** `GET /v1/models/{provider}/{model}`. */
export const getModelObject = (c: ApiContext): Response => {
  const id = c.req.param('model') ?? '';
  const model = findModel(id);
  if (model === undefined) throw unknownModel(id);
  return c.json(modelObject(model));
};
