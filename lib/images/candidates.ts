import type { ImagePlan, ImageProvider, ImageProviders, ImageRequest } from '../providers/image-provider.ts';
import type { ImageModel } from '../providers/model.ts';
import type { Registry } from '../providers/registry.ts';

/** A model that may serve the request, and how its provider would be asked. */
export type Candidate = {
  /** Its place in the chain; 0 without one. */
  level: number;
  requested: ImageModel;
  serving: ImageModel;
  provider: ImageProvider;
  plan: ImagePlan;
};

type Options = {
  registry: Pick<Registry, 'findModel' | 'resolveModel'>;
  providers: ImageProviders;
  request: ImageRequest;
  nowMs: number;
};

/** How a model's request would be served; `undefined` where this gateway has no account with its provider. */
export const candidateFor = (
  { requested, serving, level = 0 }: { requested: ImageModel; serving: ImageModel; level?: number },
  { providers, request }: Pick<Options, 'providers' | 'request'>,
): Candidate | undefined => {
  const provider = providers[serving.provider];
  return provider && { level, requested, serving, provider, plan: provider.plan(request, serving) };
};

/** Those of a chain that can be had here; the others are passed over, as ClearMaas does. */
export const chainCandidates = (chain: readonly string[], options: Options): Candidate[] =>
  chain.flatMap((id, level) => {
    const resolved = options.registry.resolveModel(id, options.nowMs);
    if (typeof resolved === 'string') return [];
    const { requested, serving } = resolved;
    if (requested.kind !== 'image' || serving.kind !== 'image') return [];
    return candidateFor({ requested, serving, level }, options) ?? [];
  });
