import type { ImageQuality } from '../image-provider.ts';
import { type ImageModel, releasedOn } from '../model.ts';

export type XaiModel = ImageModel & {
  /** The qualities that it takes beside a resolution; none: it ignores the field. */
  qualities: readonly ImageQuality[];
};

const xai = { kind: 'image', provider: 'xai', ownedBy: 'xai' } as const;

/** https://docs.x.ai/developers/model-capabilities/images/generation */
export const xaiModels: readonly XaiModel[] = [
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
