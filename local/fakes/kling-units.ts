import { type Body, listIn, modeOf } from './kling-rules.ts';
import type { Kind } from './kling-tasks.ts';

type TenthsByMode = Readonly<Record<string, number>>;

const flagship = { std: 6, pro: 8, '4k': 30 };
const flagshipWithVideo = { std: 9, pro: 12, '4k': 30 };

/** What Kling's price list says of a second of video, in tenths of a unit. */
const silent: Readonly<Record<string, TenthsByMode>> = {
  'kling-v2-5-turbo': { std: 3, pro: 5 },
  'kling-v2-6': { std: 3, pro: 5 },
  'kling-v3': flagship,
  'kling-video-o1': flagship,
  'kling-v3-omni': flagship,
};
const withSound: typeof silent = {
  'kling-v2-6': { pro: 10 },
  'kling-v3': { std: 9, pro: 12, '4k': 30 },
  'kling-v3-omni': { std: 8, pro: 10, '4k': 30 },
};
const withVoices: typeof silent = { 'kling-v2-6': { pro: 12 } };
const withVideo: typeof silent = {
  'kling-video-o1': flagshipWithVideo,
  'kling-v3-omni': flagshipWithVideo,
};

/** What a render is charged, as Kling writes it: "1.5". */
export const unitsOf = (kind: Kind, body: Body): string | undefined => {
  const model = String(body['model_name']);
  const mode = modeOf(kind, body);
  const tenths = listsFor(body)
    .map((list) => list[model]?.[mode])
    .find((price) => price !== undefined);
  return tenths === undefined ? undefined : String((tenths * Number(body['duration'] ?? '5')) / 10);
};

/** The dearest that applies comes first. */
const listsFor = (body: Body): (typeof silent)[] => [
  ...(listIn(body, 'video_list').length > 0 ? [withVideo] : []),
  ...(body['sound'] === 'on' && listIn(body, 'voice_list').length > 0 ? [withVoices] : []),
  ...(body['sound'] === 'on' ? [withSound] : []),
  silent,
];
