import { cutText } from '../cut-text.ts';
import { ApiError, doNotRetry } from '../errors.ts';
import type { Model } from '../providers/model.ts';
import type { Registry, ResolvedModel } from '../providers/registry.ts';
import { visibleText } from '../visible-text.ts';
import { nearestModelId, publicModelId } from './model-ids.ts';

type OfKind<Kind extends Model['kind']> = {
  requested: Extract<Model, { kind: Kind }>;
  serving: Extract<Model, { kind: Kind }>;
};

const isOfKind = <Kind extends Model['kind']>(
  resolved: ResolvedModel,
  kind: Kind,
): resolved is OfKind<Kind> => resolved.requested.kind === kind && resolved.serving.kind === kind;

const routes: Record<Model['kind'], string> = {
  video: '/v1/video/generations',
  image: '/v1/images/generations',
};

/**
 * Who serves the requested model on the route of that kind.
 *
 * @throws ApiError 404 for an id that the catalogue does not know, 503 for one that nobody serves any more, 400 for
 * one of the other kind.
 */
export const servingModel = <Kind extends Model['kind']>(
  registry: Registry,
  id: string,
  kind: Kind,
  nowMs: number,
): OfKind<Kind> => {
  const resolved = registry.resolveModel(publicModelId(registry, id), nowMs);
  if (resolved === 'unknown') throw unknownModel(registry, id, kind);
  if (resolved === 'unavailable') throw unavailableModel(id, 'The provider has retired it');
  if (isOfKind(resolved, kind)) return resolved;
  throw new ApiError(
    `${id} does not make this kind of output. Send it to ${routes[resolved.requested.kind]}.`,
    {
      status: 400,
      code: 'api_not_implemented',
      param: 'model',
    },
  );
};

/** Names the nearest id or, where none is near, some that the route serves. */
export const unknownModel = (registry: Registry, id: string, kind?: Model['kind']): ApiError => {
  const nearest = nearestModelId(registry, id);
  const [first, second] = registry.models.filter(
    (model) => model.kind === kind && model.shutdownDate === undefined,
  );
  const examples = first && second && ` There are "${first.id}" or "${second.id}", for example.`;
  const hint = nearest === undefined ? (examples ?? '') : ` Did you mean "${nearest}"?`;
  return new ApiError(
    `There is no model "${visibleText(cutText(id, 100))}".${hint} GET /v1/models lists the models.`,
    {
      status: 404,
      code: 'model_not_found',
      param: 'model',
    },
  );
};

export const unavailableModel = (id: string, why: string): ApiError =>
  new ApiError(`${id} cannot be served now: ${why}. Choose another of GET /v1/models.`, {
    status: 503,
    code: 'model_not_found',
    param: 'model',
    headers: doNotRetry,
  });
