import { type ModelParameters, releasedOn, type VideoModel } from '../model.ts';
import type { VideoAction } from '../provider.ts';

/** 720p, 1080p and 2160p. */
export const videoModes = ['std', 'pro', '4k'] as const;
export type VideoMode = (typeof videoModes)[number];

type VideoAbilities = {
  /** Lengths in seconds, shortest first. */
  durations: readonly number[];
  /** The lengths that remain when nothing but a prompt or a first frame is given; absent: all of them. */
  plainDurations?: readonly number[];
  modes: readonly VideoMode[];
  /** What the provider takes when no mode is sent. Absent: it has no modes of its own, so one is sent only if asked for. */
  defaultMode?: VideoMode;
  /** Modes in which the video can have sound. */
  soundModes: readonly VideoMode[];
  /** Modes in which a last picture is honoured. */
  endFrameModes: readonly VideoMode[];
  /** A last picture excludes sound. */
  silentEndFrame?: true;
  multiShot: boolean;
  /** How many elements an image-to-video request may name; the omni models' limits are `references`. */
  elements?: number;
  /** Modes in which an image-to-video request may name voices. */
  voiceModes: readonly VideoMode[];
  /** The reference inputs of the omni endpoint; absent on the other endpoints' models. */
  references?: ReferenceAbilities;
};

type ReferenceAbilities = {
  /** Pictures and elements together. */
  sources: number;
  sourcesWithVideo: number;
  elementsWithFirstFrame: number;
  elementsWithEndFrame: number;
  /** With more pictures than this, none of them may be the last one. */
  picturesWithEndFrame?: number;
};

/** How long a render takes: a fixed part and a part for each second of video. */
type RenderTime = { fixedSeconds: number; perVideoSecond: number };

export type KlingModel = VideoModel & {
  actions: readonly VideoAction[];
  abilities: VideoAbilities;
  renderTimes: Readonly<Record<VideoMode, RenderTime>>;
};

/** The median render to expect, from which progress and polling are reckoned. */
export const typicalRenderSeconds = (model: KlingModel, mode: VideoMode, durationSeconds: number): number => {
  const { fixedSeconds, perVideoSecond } = model.renderTimes[mode];
  return Math.round(fixedSeconds + perVideoSecond * durationSeconds);
};

/**
 * Users report 60 to 90 s for 5 s in std, 100 to 250 s for 5 s in pro, 180 to 300 s for 15 s in pro. Nothing is
 * reported of 4k; half as much again as pro is our guess.
 */
const renderTimes: KlingModel['renderTimes'] = {
  std: { fixedSeconds: 50, perVideoSecond: 5 },
  pro: { fixedSeconds: 105, perVideoSecond: 9 },
  '4k': { fixedSeconds: 160, perVideoSecond: 14 },
};

const everySecond = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const common = { kind: 'video', provider: 'kling', ownedBy: 'kling', renderTimes } as const;

/** Started from text or from a picture, 5 or 10 s, silent, one shot: what all models before 3.0 share. */
const clips = {
  ...common,
  actions: ['textGenerate', 'generate'],
} satisfies Partial<KlingModel>;
const clipAbilities: VideoAbilities = {
  durations: [5, 10],
  modes: ['std', 'pro'],
  defaultMode: 'std',
  soundModes: [],
  endFrameModes: ['pro'],
  multiShot: false,
  voiceModes: [],
};

/** The masters had no modes. */
const { defaultMode: _, ...masterAbilities } = clipAbilities;
/** v2-5-turbo follows the masters: it makes the same lengths from the same inputs, silent, in one shot. */
const retiredMaster = {
  ...clips,
  abilities: masterAbilities,
  shutdownDate: '2026-09-15',
  successor: 'kling/kling-v2-5-turbo',
} satisfies Partial<KlingModel>;

/** The fields that a model's abilities stand for. */
const parametersOf = ({ abilities, actions }: KlingModel): ModelParameters => {
  const { durations, modes, references, elements } = abilities;
  const isOmni = actions.includes('omniVideo');
  return {
    duration: { enum: durations },
    mode: { enum: modes },
    ...(!isOmni && { negative_prompt: {}, cfg_scale: {} }),
    ...(abilities.soundModes.length > 0 && { sound: { enum: ['on', 'off'] } }),
    ...(abilities.endFrameModes.length > 0 && { image_tail: {} }),
    ...(abilities.multiShot && { multi_shot: {}, shot_type: {}, multi_prompt: {} }),
    ...((references ?? elements) !== undefined && { element_list: {} }),
    ...(references !== undefined && { image_list: {}, video_list: {} }),
    ...(abilities.voiceModes.length > 0 && { voice_list: {} }),
  };
};

/** ClearMaas's seven Kling models; what each can do is Kling's capability map of 2026. */
const models: readonly KlingModel[] = [
  {
    ...retiredMaster,
    id: 'kling/kling-v2-master',
    upstreamId: 'kling-v2-master',
    createdAtSeconds: releasedOn('2025-04-15'),
  },
  {
    ...retiredMaster,
    id: 'kling/kling-v2-1-master',
    upstreamId: 'kling-v2-1-master',
    createdAtSeconds: releasedOn('2025-05-29'),
  },
  {
    ...clips,
    id: 'kling/kling-v2-5-turbo',
    upstreamId: 'kling-v2-5-turbo',
    createdAtSeconds: releasedOn('2025-09-23'),
    abilities: clipAbilities,
  },
  {
    ...clips,
    id: 'kling/kling-v2-6',
    upstreamId: 'kling-v2-6',
    createdAtSeconds: releasedOn('2025-12-03'),
    abilities: { ...clipAbilities, soundModes: ['pro'], silentEndFrame: true, voiceModes: ['pro'] },
  },
  {
    ...common,
    id: 'kling/kling-v3',
    upstreamId: 'kling-v3',
    createdAtSeconds: releasedOn('2026-02-05'),
    actions: ['textGenerate', 'generate'],
    abilities: {
      durations: everySecond(3, 15),
      modes: videoModes,
      defaultMode: 'std',
      soundModes: videoModes,
      endFrameModes: videoModes,
      multiShot: true,
      elements: 3,
      voiceModes: [],
    },
  },
  {
    ...common,
    id: 'kling/kling-video-o1',
    upstreamId: 'kling-video-o1',
    createdAtSeconds: releasedOn('2025-12-01'),
    actions: ['omniVideo'],
    abilities: {
      durations: everySecond(3, 10),
      plainDurations: [5, 10],
      modes: ['std', 'pro'],
      defaultMode: 'pro',
      soundModes: [],
      endFrameModes: ['std', 'pro'],
      multiShot: false,
      voiceModes: [],
      references: {
        sources: 7,
        sourcesWithVideo: 4,
        elementsWithFirstFrame: 3,
        elementsWithEndFrame: 0,
        picturesWithEndFrame: 2,
      },
    },
  },
  {
    ...common,
    id: 'kling/kling-v3-omni',
    upstreamId: 'kling-v3-omni',
    createdAtSeconds: releasedOn('2026-02-05'),
    actions: ['omniVideo'],
    abilities: {
      durations: everySecond(3, 15),
      modes: videoModes,
      defaultMode: 'pro',
      soundModes: videoModes,
      endFrameModes: videoModes,
      multiShot: true,
      voiceModes: [],
      references: {
        sources: 7,
        sourcesWithVideo: 4,
        elementsWithFirstFrame: 3,
        elementsWithEndFrame: 3,
      },
    },
  },
];

export const klingModels: readonly KlingModel[] = models.map((model) => ({
  ...model,
  parameters: parametersOf(model),
}));
