import { type ModelEntry, releasedOn } from './model.ts';

export const imageQualities = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
/** OpenAI's scale; `standard` and `hd` of the older dialect are `medium` and `high` on it. */
export type ImageQuality = (typeof imageQualities)[number];

type OpenAiImageModel = ModelEntry & {
  kind: 'image';
  provider: 'openai';
  /** Whether it draws any size within limits, or three sizes only. */
  anySize: boolean;
  qualities: readonly ImageQuality[];
};

type GoogleImageModel = ModelEntry & {
  kind: 'image';
  provider: 'google';
  /** `width:height`. */
  aspectRatios: readonly string[];
};

type XaiImageModel = ModelEntry & {
  kind: 'image';
  provider: 'xai';
  /** The qualities that it takes beside a resolution; none: it ignores the field. */
  qualities: readonly ImageQuality[];
};

export type ImageModel = OpenAiImageModel | GoogleImageModel | XaiImageModel;
export type ImageProviderName = ImageModel['provider'];
export type ImageModelOf<Name extends ImageProviderName> = Extract<ImageModel, { provider: Name }>;

const openAi = { kind: 'image', provider: 'openai', ownedBy: 'openai' } as const;
const google = { kind: 'image', provider: 'google', ownedBy: 'google' } as const;
const xai = { kind: 'image', provider: 'xai', ownedBy: 'xai' } as const;

const firstQualities = ['auto', 'low', 'medium', 'high'] as const;

/** Three sizes and three qualities: GPT Image before 2. */
const gptImage1 = { ...openAi, anySize: false, qualities: firstQualities } as const;
const gptImage2 = { ...openAi, anySize: true, qualities: firstQualities } as const;
const gptImage25 = { ...openAi, anySize: true, qualities: imageQualities } as const;

const commonRatios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;
const extremeRatios = ['1:4', '4:1', '1:8', '8:1'] as const;
/** Retired; the ratios are kept only because a model of this family has some. */
const imagen = {
  ...google,
  aspectRatios: ['1:1', '3:4', '4:3', '9:16', '16:9'],
  createdAtSeconds: releasedOn('2025-08-14'),
  shutdownDate: '2026-08-17',
} as const;

/**
 * ClearMaas's own ids first, then the models that serve now. A day of release that nobody published is the day of
 * the first public mention.
 * - OpenAI: https://developers.openai.com/api/docs/deprecations
 * - Google: https://firebase.google.com/docs/ai-logic/imagen-models-migration
 * - xAI: https://docs.x.ai/developers/model-capabilities/images/generation
 */
export const imageModels: readonly ImageModel[] = [
  {
    ...gptImage1,
    id: 'openai/gpt-image-1',
    upstreamId: 'gpt-image-1',
    createdAtSeconds: releasedOn('2025-04-23'),
    shutdownDate: '2026-10-23',
    successor: 'openai/gpt-image-2.6-sunburst',
  },
  {
    ...gptImage1,
    id: 'openai/gpt-image-1-mini',
    upstreamId: 'gpt-image-1-mini',
    createdAtSeconds: releasedOn('2025-10-06'),
    shutdownDate: '2026-12-01',
    successor: 'openai/gpt-image-2.6-flare',
  },
  {
    ...gptImage1,
    id: 'openai/gpt-image-1.5',
    upstreamId: 'gpt-image-1.5',
    createdAtSeconds: releasedOn('2025-12-16'),
    shutdownDate: '2026-12-01',
    successor: 'openai/gpt-image-2.6-sunburst',
  },
  {
    ...imagen,
    id: 'google/imagen-4.0-fast-generate-001',
    upstreamId: 'imagen-4.0-fast-generate-001',
    successor: 'google/gemini-nano-banana-2.1',
  },
  {
    ...imagen,
    id: 'google/imagen-4.0-generate-001',
    upstreamId: 'imagen-4.0-generate-001',
    successor: 'google/gemini-nano-banana-2.1',
  },
  {
    ...imagen,
    id: 'google/imagen-4.0-ultra-generate-001',
    upstreamId: 'imagen-4.0-ultra-generate-001',
    successor: 'google/gemini-3-pro-image',
  },
  {
    ...xai,
    id: 'grok/grok-imagine-image',
    upstreamId: 'grok-imagine-image',
    qualities: [],
    createdAtSeconds: releasedOn('2026-01-28'),
  },
  {
    // Deprecated on 15 May 2026 and still served; no day of shutdown is known.
    ...xai,
    id: 'grok/grok-imagine-image-pro',
    upstreamId: 'grok-imagine-image-pro',
    qualities: [],
    createdAtSeconds: releasedOn('2026-03-03'),
    successor: 'grok/grok-imagine-image-quality',
  },

  {
    ...gptImage2,
    id: 'openai/gpt-image-2',
    upstreamId: 'gpt-image-2',
    createdAtSeconds: releasedOn('2026-04-21'),
  },
  {
    ...gptImage25,
    id: 'openai/gpt-image-2.5-sunburst',
    upstreamId: 'gpt-image-2.5-sunburst',
    createdAtSeconds: releasedOn('2026-09-08'),
  },
  {
    ...gptImage25,
    id: 'openai/gpt-image-2.5-flare',
    upstreamId: 'gpt-image-2.5-flare',
    createdAtSeconds: releasedOn('2026-09-08'),
  },
  {
    ...gptImage25,
    id: 'openai/gpt-image-2.6-sunburst',
    upstreamId: 'gpt-image-2.6-sunburst',
    createdAtSeconds: releasedOn('2026-11-09'),
  },
  {
    ...gptImage25,
    id: 'openai/gpt-image-2.6-flare',
    upstreamId: 'gpt-image-2.6-flare',
    createdAtSeconds: releasedOn('2026-11-09'),
  },
  {
    ...google,
    id: 'google/gemini-nano-banana-2.1',
    upstreamId: 'gemini-nano-banana-2.1',
    aspectRatios: [...commonRatios, ...extremeRatios],
    createdAtSeconds: releasedOn('2026-10-07'),
  },
  {
    ...google,
    id: 'google/gemini-3-pro-image',
    upstreamId: 'gemini-3-pro-image',
    aspectRatios: commonRatios,
    createdAtSeconds: releasedOn('2026-05-28'),
  },
  {
    ...xai,
    id: 'grok/grok-imagine-image-quality',
    upstreamId: 'grok-imagine-image-quality',
    qualities: [],
    createdAtSeconds: releasedOn('2026-05-15'),
  },
  {
    ...xai,
    id: 'grok/grok-imagine-image-2.0',
    upstreamId: 'grok-imagine-image-2.0',
    qualities: ['low', 'medium'],
    createdAtSeconds: releasedOn('2026-10-01'),
  },
];
