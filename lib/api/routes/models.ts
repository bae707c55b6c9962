import { formatUsd } from '../../money.ts';
import { chosenBy, type ProviderSet, type ProviderSets } from '../../providers/configured.ts';
import type { Model } from '../../providers/model.ts';
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

const modelObject = (model: Model, prices: ModelPrices | undefined, { livemode }: { livemode: boolean }) => ({
  id: model.id,
  object: 'model',
  created: model.createdAtSeconds,
  owned_by: model.ownedBy,
  supported_endpoint_types: [model.kind],
  shutdown_date: model.shutdownDate ?? null,
  successor: model.successor ?? null,
  ...(model.parameters !== undefined && { parameters: model.parameters }),
  pricing: pricing(prices),
  livemode,
});

type Dependencies = { providers: ProviderSets; prices: Pick<PriceList, 'of'>; now: Clock };

const canServe = ({ videoProviders, imageProviders }: ProviderSet, model: Model): boolean =>
  model.kind === 'video' ? videoProviders.has(model.provider) : imageProviders[model.provider] !== undefined;

/** `GET /v1/models`: what this deployment can make now, in OpenAI's list shape. */
export const createListModels =
  ({ providers, prices, now }: Dependencies) =>
  (c: ApiContext): Response => {
    const workspace = c.get('workspace');
    const served = chosenBy(providers, workspace);
    const { registry } = served;
    const data = registry.models.flatMap((model) => {
      const resolved = registry.resolveModel(model.id, now());
      return typeof resolved === 'object' && canServe(served, resolved.serving)
        ? [modelObject(model, prices.of(resolved.serving.id), workspace)]
        : [];
    });
    return c.json({ object: 'list', data });
  };

/** `GET /v1/models/{provider}/{model}`. */
export const createGetModel =
  ({ providers, prices, now }: Dependencies) =>
  (c: ApiContext): Response => {
    const workspace = c.get('workspace');
    const { registry } = chosenBy(providers, workspace);
    const id = c.req.param('model') ?? '';
    const model = registry.findModel(publicModelId(registry, id));
    if (model === undefined) throw unknownModel(registry, id);
    const resolved = registry.resolveModel(model.id, now());
    const known = typeof resolved === 'object' ? prices.of(resolved.serving.id) : undefined;
    return c.json(modelObject(model, known, workspace));
  };
