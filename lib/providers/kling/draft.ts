import type { VideoAction } from '../provider.ts';
import type { Settings } from './fields.ts';
import type { KlingModel, VideoMode } from './models.ts';
import type { Picture } from './pictures.ts';

const defaultDurationSeconds = 5;

/** A request whose fields are readable one by one, with what follows from them together. */
export type Draft = {
  model: KlingModel;
  action: VideoAction;
  prompt: string;
  image: Picture | undefined;
  settings: Settings;
  /** Asked for, else what the provider takes by itself, else none. */
  mode: VideoMode | undefined;
  durationSeconds: number;
  hasFirstFrame: boolean;
  hasEndFrame: boolean;
  /** A video to be edited, or one to take style or camera from. */
  video: 'base' | 'feature' | undefined;
  /** Kling reads the shots and not the prompt. */
  hasOwnShots: boolean;
};

type DraftInput = Pick<Draft, 'model' | 'action' | 'prompt' | 'image' | 'settings'>;

export const createDraft = (input: DraftInput): Draft => {
  const { image, settings } = input;
  const { abilities } = input.model;
  const listed = (type: 'first_frame' | 'end_frame') =>
    settings.image_list?.some((picture) => picture.type === type) ?? false;
  const [video] = settings.video_list ?? [];
  const hasEndFrame = settings.image_tail !== undefined || listed('end_frame');
  return {
    ...input,
    hasFirstFrame: image !== undefined || listed('first_frame'),
    hasEndFrame,
    // A model without modes of its own honours a last picture, but its successor needs to be told the mode for it.
    mode: settings.mode ?? abilities.defaultMode ?? (hasEndFrame ? abilities.endFrameModes[0] : undefined),
    durationSeconds: settings.duration ?? defaultDurationSeconds,
    video: video && (video.refer_type ?? 'base'),
    hasOwnShots: hasOwnShots(settings),
  };
};

export const hasOwnShots = ({ multi_shot, shot_type }: Settings): boolean =>
  multi_shot === true && shot_type === 'customize';

/** Omni models have one endpoint for everything; the others have one for a prompt and one for a picture. */
export const chooseAction = (model: KlingModel, hasPicture: boolean): VideoAction => {
  if (model.actions.includes('omniVideo')) return 'omniVideo';
  return hasPicture ? 'generate' : 'textGenerate';
};
