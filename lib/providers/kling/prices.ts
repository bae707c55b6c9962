import type { ListedPrices, ListedRate } from '../prices.ts';

const silent = { sound: 'off', video_input: 'no' };
const withSound = { sound: 'on', video_input: 'no' };
const withVideo = { video_input: 'yes' };

/** Units for a second of video, by mode. */
const rates = (unitsByMode: Record<string, string>, when: Record<string, string>): ListedRate[] =>
  Object.entries(unitsByMode).map(([mode, units]) => ({ per: 'second', units, when: { mode, ...when } }));

/** A model that is retired costs what its successor costs. */
export const klingPrices: ListedPrices = {
  source: 'https://kling.ai/document-api/pricing/base/video',
  asOf: '2026-08-13',
  models: {
    'kling/kling-v2-5-turbo': rates({ std: '0.3', pro: '0.5' }, silent),
    'kling/kling-v2-6': [
      ...rates({ std: '0.3', pro: '0.5' }, silent),
      ...rates({ pro: '1' }, { ...withSound, voices: 'no' }),
      ...rates({ pro: '1.2' }, { ...withSound, voices: 'yes' }),
    ],
    'kling/kling-v3': [
      ...rates({ std: '0.6', pro: '0.8', '4k': '3' }, silent),
      ...rates({ std: '0.9', pro: '1.2', '4k': '3' }, withSound),
    ],
    'kling/kling-video-o1': [
      ...rates({ std: '0.6', pro: '0.8' }, silent),
      ...rates({ std: '0.9', pro: '1.2' }, withVideo),
    ],
    'kling/kling-v3-omni': [
      ...rates({ std: '0.6', pro: '0.8', '4k': '3' }, silent),
      ...rates({ std: '0.8', pro: '1', '4k': '3' }, withSound),
      ...rates({ std: '0.9', pro: '1.2', '4k': '3' }, withVideo),
    ],
  },
};
