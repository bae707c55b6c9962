import type { ListedPrices, ListedRate } from '../prices.ts';

const silent = { sound: 'off', video_input: 'no' };
const withSound = { sound: 'on', video_input: 'no' };
const withVideo = { video_input: 'yes' };

const rate = (mode: string, units: string, when: Record<string, string>): ListedRate => ({
  per: 'second',
  units,
  when: { mode, ...when },
});

/** Units for a second of video. A model that is retired costs what its successor costs. */
export const klingPrices: ListedPrices = {
  source: 'https://kling.ai/document-api/pricing/base/video',
  asOf: '2026-08-13',
  models: {
    'kling/kling-v2-5-turbo': [rate('std', '0.3', silent), rate('pro', '0.5', silent)],
    'kling/kling-v2-6': [
      rate('std', '0.3', silent),
      rate('pro', '0.5', silent),
      rate('pro', '1', { ...withSound, voices: 'no' }),
      rate('pro', '1.2', { ...withSound, voices: 'yes' }),
    ],
    'kling/kling-v3': [
      rate('std', '0.6', silent),
      rate('pro', '0.8', silent),
      rate('4k', '3', silent),
      rate('std', '0.9', withSound),
      rate('pro', '1.2', withSound),
      rate('4k', '3', withSound),
    ],
    'kling/kling-video-o1': [
      rate('std', '0.6', silent),
      rate('pro', '0.8', silent),
      rate('std', '0.9', withVideo),
      rate('pro', '1.2', withVideo),
    ],
    'kling/kling-v3-omni': [
      rate('std', '0.6', silent),
      rate('pro', '0.8', silent),
      rate('4k', '3', silent),
      rate('std', '0.8', withSound),
      rate('pro', '1', withSound),
      rate('4k', '3', withSound),
      rate('std', '0.9', withVideo),
      rate('pro', '1.2', withVideo),
      rate('4k', '3', withVideo),
    ],
  },
};
