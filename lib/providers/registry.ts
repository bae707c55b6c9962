import type { ImageDescriptor, ProviderDescriptor, VideoDescriptor } from './descriptor.ts';
import { google } from './google/google.ts';
import { kling } from './kling/kling.ts';
import type { Model } from './model.ts';
import { openAi } from './openai/openai.ts';
import { inSandbox } from './sandbox/sandbox.ts';
import { xai } from './xai/xai.ts';

/** `serving` makes what was asked of `requested`; they differ when the requested model is retired. */
export type ResolvedModel = { requested: Model; serving: Model };

/** The providers that there are, and the catalogue of their models. */
export type Registry<Live extends boolean = boolean> = {
  readonly descriptors: readonly ProviderDescriptor<Live>[];
  readonly videos: readonly VideoDescriptor<Live>[];
  readonly images: readonly ImageDescriptor<Live>[];
  readonly models: readonly Model[];
  findModel(id: string): Model | undefined;
  /**
   * Who serves a public model id now. A retired model is served by its successor, or that one's successor;
   * `unavailable` when the last of them is retired as well.
   */
  resolveModel(id: string, nowMs: number): ResolvedModel | 'unknown' | 'unavailable';
};

const createRegistry = <Live extends boolean>(
  descriptors: readonly ProviderDescriptor<Live>[],
): Registry<Live> => {
  const models = descriptors.flatMap<Model>((descriptor) => descriptor.models);
  const byId = new Map(models.map((model) => [model.id, model]));
  const findModel = (id: string) => byId.get(id);
  return {
    descriptors,
    videos: descriptors.filter((descriptor) => descriptor.kind === 'video'),
    images: descriptors.filter((descriptor) => descriptor.kind === 'image'),
    models,
    findModel,
    resolveModel(id, nowMs) {
      const requested = findModel(id);
      if (requested === undefined) return 'unknown';
      let serving: Model | undefined = requested;
      for (let steps = 0; serving !== undefined && steps < models.length; steps += 1) {
        if (!isRetired(serving, nowMs)) return { requested, serving };
        serving = serving.successor === undefined ? undefined : findModel(serving.successor);
      }
      return 'unavailable';
    },
  };
};

const isRetired = ({ shutdownDate }: Model, nowMs: number): boolean =>
  shutdownDate !== undefined && nowMs >= Date.parse(`${shutdownDate}T00:00:00Z`);

/** The real providers for live keys, and the sandbox in the place of each for test keys. */
export type Registries = { live: Registry<true>; test: Registry<false> };

export const createRegistries = (descriptors: readonly ProviderDescriptor[]): Registries => ({
  live: createRegistry(descriptors),
  test: createRegistry(descriptors.map(inSandbox)),
});

/** A provider is a folder and a line here. */
export const registries = createRegistries([kling, openAi, google, xai]);
/** The catalogue, for all that concerns no caller. */
export const registry = registries.live;
