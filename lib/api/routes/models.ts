import { formatUsd } from '../../money.ts';
import type { ImageProviders } from '../../providers/image-provider.ts';
import type { Model } from '../../providers/model.ts';
import type { Registry } from '../../providers/registry.ts';
import type { Clock } from '../../time.ts';
import type { ModelPrices, PriceList } from '../../usage/price-list.ts';
import type { ApiContext } from '../context.ts';
import { publicModelId } from '../model-ids.ts';
import { unknownModel } from '../serving-model.ts';

/** What the model costs, or the one that serves its requests now; `null`: no price is known. */
const pricing = (prices: ModelPrices | undefined) =>
  prices === undefined
    ? null
    : {
        currency: 'USD',
        source: prices.source,
        as_of: prices.asOf,
        rates: prices.rates.map(({ per, microUsd, when }) => ({ per, usd: formatUsd(microUsd), when })),
      };

const modelObject = (model: Model, prices: ModelPrices | undefined) => ({
  id: model.id,
  object: 'model',
  created: model.createdAtSeconds,
  owned_by: model.ownedBy,
  supported_endpoint_types: [model.kind],
  shutdown_date: model.shutdownDate ?? null,
  successor: model.successor ?? null,
  ...(model.parameters !== undefined && { parameters: model.parameters }),
  pricing: pricing(prices),
});

export type ListModelsDependencies = {
  registry: Registry;
  settings: { videoProviders: ReadonlySet<string> };
  imageProviders: ImageProviders;
  prices: Pick<PriceList, 'of'>;
  now: Clock;
};

const pricesOf = ({ registry, prices, now }: GetModelDependencies, { id }: Model) => {
  const resolved = registry.resolveModel(id, now());
  return typeof resolved === 'object' ? prices.of(resolved.serving.id) : undefined;
};

export type GetModelDependencies = Pick<ListModelsDependencies, 'registry' | 'prices' | 'now'>;

/** `GET /v1/models`: what this deployment can make now, in OpenAI's list shape. */
export const createListModels = (dependencies: ListModelsDependencies) => {
  const { registry, settings, imageProviders, now } = dependencies;
  const canServe = (model: Model): boolean =>
    model.kind === 'video'
      ? settings.videoProviders.has(model.provider)
      : imageProviders[model.provider] !== undefined;

  return (c: ApiContext): Response => {
    const usable = registry.models.filter(({ id }) => {
      const resolved = registry.resolveModel(id, now());
      return typeof resolved === 'object' && canServe(resolved.serving);
    });
    return c.json({
      object: 'list',
      data: usable.map((model) => modelObject(model, pricesOf(dependencies, model))),
    });
  };
};

/** `GET /v1/models/{provider}/{model}`. */
export const createGetModel =
  (dependencies: GetModelDependencies) =>
  (c: ApiContext): Response => {
    const { registry } = dependencies;
    const id = c.req.param('model') ?? '';
    const model = registry.findModel(publicModelId(registry, id));
    if (model === undefined) throw unknownModel(registry, id);
    return c.json(modelObject(model, pricesOf(dependencies, model)));
  };
