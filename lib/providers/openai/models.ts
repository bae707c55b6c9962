import { type ImageQuality, imageQualities } from '../image-provider.ts';
import { type ImageModel, releasedOn } from '../model.ts';

export type OpenAiModel = ImageModel & {
  /** Whether it draws any size within limits, or three sizes only. */
  anySize: boolean;
  qualities: readonly ImageQuality[];
};

const common = { kind: 'image', provider: 'openai', ownedBy: 'openai' } as const;
const firstQualities = ['auto', 'low', 'medium', 'high'] as const;

/** Three sizes and three qualities: GPT Image before 2. */
const gptImage1 = { ...common, anySize: false, qualities: firstQualities } as const;
const gptImage2 = { ...common, anySize: true, qualities: firstQualities } as const;
const gptImage25 = { ...common, anySize: true, qualities: imageQualities } as const;

/**
 * https://developers.openai.com/api/docs/deprecations; a day of release that nobody published is the day of the first
 * public mention.
 */
export const openAiModels: readonly OpenAiModel[] = [
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
];
