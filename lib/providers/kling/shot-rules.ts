import { type Rule, useInstead } from './rule.ts';

/** One video of several shots: either Kling divides the prompt (`intelligence`), or the caller gives each shot. */
export const shotRules: readonly Rule[] = [
  {
    reads: ['multi_shot', 'video_list'],
    check: ({ model: { id, abilities }, settings, video }) => {
      if (settings.multi_shot !== true) return undefined;
      if (!abilities.multiShot)
        return `must be false: ${id} makes one shot only. ${useInstead((other) => other.abilities.multiShot)}`;
      return video === 'base' ? 'must be false where a base video is edited.' : undefined;
    },
  },
  {
    reads: ['shot_type', 'multi_shot', 'video_list'],
    check: ({ model, settings: { shot_type, multi_shot }, video }) => {
      if (!model.abilities.multiShot && multi_shot === true) return undefined;
      if (multi_shot !== true) return shot_type === undefined ? undefined : 'needs multi_shot true.';
      if (shot_type === undefined)
        return 'is needed with multi_shot: customize to give each shot, intelligence to have the prompt divided.';
      return video === 'feature' && shot_type === 'customize'
        ? 'must be intelligence together with video_list.'
        : undefined;
    },
  },
  {
    reads: ['multi_prompt', 'multi_shot', 'shot_type'],
    check: ({ settings: { multi_prompt, multi_shot, shot_type }, hasOwnShots }) => {
      if (multi_prompt !== undefined && !hasOwnShots && (multi_shot !== true || shot_type !== undefined))
        return 'needs multi_shot true and shot_type customize.';
      return hasOwnShots && multi_prompt === undefined
        ? 'is needed with shot_type customize: a list of 1 to 6 shots.'
        : undefined;
    },
  },
  {
    reads: ['multi_prompt', 'duration', 'multi_shot', 'shot_type'],
    check: ({ settings: { multi_prompt = [] }, hasOwnShots, durationSeconds }) => {
      const sumSeconds = multi_prompt.reduce((sum, shot) => sum + shot.duration, 0);
      return hasOwnShots && multi_prompt.length > 0 && sumSeconds !== durationSeconds
        ? `has shots of ${sumSeconds} seconds together, but duration is ${durationSeconds}; make them equal.`
        : undefined;
    },
  },
  {
    reads: ['multi_prompt'],
    check: ({ settings: { multi_prompt = [] } }) => {
      const places = multi_prompt.map((shot, position) => shot.index ?? position + 1);
      const areComplete = places.every((_, position) => places.includes(position + 1));
      return areComplete ? undefined : `must have the indexes 1 to ${places.length}, each once.`;
    },
  },
];
