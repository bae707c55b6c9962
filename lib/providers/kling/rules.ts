import type { VideoAction } from '../provider.ts';
import type { Draft } from './draft.ts';
import { either, type SettingName } from './fields.ts';
import { omniRules } from './omni-rules.ts';
import { type Rule, useInstead } from './rule.ts';
import { shotRules } from './shot-rules.ts';

/** Fields that not every endpoint has. */
const endpointsOf: Partial<Record<SettingName, readonly VideoAction[]>> = {
  negative_prompt: ['textGenerate', 'generate'],
  cfg_scale: ['textGenerate', 'generate'],
  element_list: ['generate', 'omniVideo'],
  voice_list: ['generate'],
  image_list: ['omniVideo'],
  video_list: ['omniVideo'],
};

const endpointRules = (Object.entries(endpointsOf) as [SettingName, readonly VideoAction[]][]).map(
  ([name, actions]): Rule => ({
    reads: [name],
    check: ({ model, action, settings }) => {
      if (settings[name] === undefined || actions.includes(action)) return undefined;
      if (model.actions.some((possible) => actions.includes(possible)))
        return 'is taken only together with a picture in image.';
      const instead = useInstead((other) => other.actions.some((possible) => actions.includes(possible)));
      return `is not taken by ${model.id}. ${instead}`;
    },
  }),
);

const withdrawn = (name: SettingName, instead: string): Rule => ({
  reads: [name],
  check: ({ settings }) =>
    settings[name] === undefined ? undefined : `is taken by no model that is still sold. ${instead}`,
});

const withdrawnRules = [
  withdrawn('camera_control', 'Describe the movement of the camera in the prompt.'),
  withdrawn('static_mask', 'Say in the prompt what must stay still.'),
  withdrawn('dynamic_masks', 'Describe the movement in the prompt.'),
];

const modeRule: Rule = {
  reads: ['mode'],
  check: ({ model: { id, abilities }, settings: { mode } }) =>
    mode === undefined || abilities.modes.includes(mode)
      ? undefined
      : `cannot be ${mode}: ${id} makes ${either(abilities.modes)}.`,
};

const durationRule: Rule = {
  reads: ['duration', 'image', 'image_tail', 'image_list', 'video_list', 'element_list'],
  check: (draft) => {
    const { durationSeconds, video, model } = draft;
    const lengths = lengthsOf(draft);
    if (video === 'base' || lengths.includes(durationSeconds)) return undefined;
    const condition = lengths === model.abilities.durations ? '' : ' from a prompt or a first frame alone';
    return `cannot be ${durationSeconds}: ${model.id} makes videos of ${lengthsInWords(lengths)} seconds${condition}.`;
  },
};

const lengthsOf = ({ model: { abilities }, settings, video, hasEndFrame }: Draft): readonly number[] => {
  const hasReferences =
    video !== undefined ||
    hasEndFrame ||
    settings.element_list !== undefined ||
    (settings.image_list?.some(({ type }) => type === undefined) ?? false);
  return hasReferences ? abilities.durations : (abilities.plainDurations ?? abilities.durations);
};

const lengthsInWords = (lengths: readonly number[]): string =>
  lengths.length > 2 ? `${lengths[0]} to ${lengths.at(-1)}` : either(lengths);

const soundRule: Rule = {
  reads: ['sound', 'mode', 'image_tail', 'video_list'],
  check: ({ model: { id, abilities }, settings, mode, video, hasEndFrame }) => {
    if (settings.sound !== 'on') return undefined;
    if (abilities.soundModes.length === 0)
      return `must be off: ${id} makes silent videos only. ${useInstead((other) => other.abilities.soundModes.length > 0)}`;
    if (mode === undefined || !abilities.soundModes.includes(mode))
      return `cannot be on in mode ${mode}: ${id} makes sound in mode ${either(abilities.soundModes)}.`;
    if (video !== undefined) return 'must be off together with video_list.';
    if (hasEndFrame && abilities.silentEndFrame)
      return `must be off together with image_tail: ${id} takes a last picture for silent videos only.`;
    return undefined;
  },
};

const endFrameRules: readonly Rule[] = [
  {
    reads: ['image_tail', 'image', 'image_list', 'video_list'],
    check: ({ settings, hasFirstFrame, video }) =>
      settings.image_tail === undefined || hasFirstFrame || video === 'base'
        ? undefined
        : 'needs a first picture in image: Kling makes no video from a last picture alone.',
  },
  {
    reads: ['image_tail', 'mode'],
    check: ({ model: { id, abilities }, settings, mode }) =>
      settings.image_tail === undefined || (mode !== undefined && abilities.endFrameModes.includes(mode))
        ? undefined
        : `needs mode ${either(abilities.endFrameModes)}: ${id} ignores a last picture in mode ${mode}.`,
  },
];

const elementRules: readonly Rule[] = [
  {
    reads: ['element_list'],
    check: ({ model, action, settings }) => {
      const count = settings.element_list?.length ?? 0;
      const max = model.abilities.elements ?? 0;
      if (action !== 'generate' || count <= max) return undefined;
      return max === 0
        ? `is not taken by ${model.id}. ${useInstead(({ abilities }) => abilities.elements !== undefined || abilities.references !== undefined)}`
        : `has ${count} elements, and ${model.id} takes at most ${max}.`;
    },
  },
  {
    reads: ['element_list', 'voice_list'],
    check: ({ settings }) =>
      settings.element_list !== undefined && settings.voice_list !== undefined
        ? 'excludes voice_list: give one of them.'
        : undefined,
  },
];

const voiceRule: Rule = {
  reads: ['voice_list', 'mode', 'sound'],
  check: ({ model: { id, abilities }, action, settings, mode }) => {
    const { voiceModes } = abilities;
    if (settings.voice_list === undefined || action !== 'generate') return undefined;
    if (voiceModes.length === 0)
      return `is not taken by ${id}. ${useInstead((other) => other.abilities.voiceModes.length > 0)}`;
    if (mode === undefined || !voiceModes.includes(mode)) return `needs mode ${either(voiceModes)}.`;
    return settings.sound === 'on' ? undefined : 'needs sound on.';
  },
};

/** Everything that a request must be so that its model makes what it says. */
export const rules: readonly Rule[] = [
  ...endpointRules,
  ...withdrawnRules,
  modeRule,
  durationRule,
  soundRule,
  ...endFrameRules,
  ...elementRules,
  voiceRule,
  ...shotRules,
  ...omniRules,
];
