import { servingModel, unavailableModel } from '../api/serving-model.ts';
import { resolveModel } from '../providers/catalogue.ts';
import type { ImageModel } from '../providers/image-models.ts';
import type { ImagePlan, ImageProvider, ImageRequest } from '../providers/image-provider.ts';
import { type ImageProviders, providerOf } from '../providers/image-registry.ts';

/** A model that may serve the request, and how its provider would be asked. */
export type Candidate = {
  /** Its place in the chain; 0 without one. */
  level: number;
  requested: ImageModel;
  serving: ImageModel;
  provider: ImageProvider;
  plan: ImagePlan;
};

type Options = { providers: ImageProviders; request: ImageRequest; nowMs: number };

/**
 * The one model that was asked for.
 *
 * @throws ApiError when it is unknown, of another kind, or not to be had here.
 */
export const soleCandidate = (id: string, { providers, request, nowMs }: Options): Candidate => {
  const { requested, serving } = servingModel(id, 'image', nowMs);
  const provider = providerOf(providers, serving);
  if (provider === undefined) throw unavailableModel(id, 'this gateway has no account with its provider');
  return { level: 0, requested, serving, provider, plan: provider.plan(request, serving) };
};

/** Those of a chain that can be had here; the others are passed over, as ClearMaas does. */
export const chainCandidates = (chain: readonly string[], options: Options): Candidate[] =>
  chain.flatMap((id, level) => {
    const resolved = resolveModel(id, options.nowMs);
    if (typeof resolved === 'string') return [];
    const { requested, serving } = resolved;
    if (requested.kind !== 'image' || serving.kind !== 'image') return [];
    const provider = providerOf(options.providers, serving);
    if (provider === undefined) return [];
    return { level, requested, serving, provider, plan: provider.plan(options.request, serving) };
  });
