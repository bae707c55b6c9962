import { type ImageModel, releasedOn } from '../model.ts';

export type GoogleModel = ImageModel & {
  /** `width:height`. */
  aspectRatios: readonly string[];
};

const google = { kind: 'image', provider: 'google', ownedBy: 'google' } as const;

const commonRatios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;
const extremeRatios = ['1:4', '4:1', '1:8', '8:1'] as const;
/** Retired; the ratios are kept only because a model of this family has some. */
const imagen = {
  ...google,
  aspectRatios: ['1:1', '3:4', '4:3', '9:16', '16:9'],
  createdAtSeconds: releasedOn('2025-08-14'),
  shutdownDate: '2026-08-17',
} as const;

/** https://firebase.google.com/docs/ai-logic/imagen-models-migration */
export const googleModels: readonly GoogleModel[] = [
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
];
