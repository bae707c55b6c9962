import type { Draft } from './draft.ts';
import type { Rule } from './rule.ts';

const countListed = ({ settings }: Draft, type: 'first_frame' | 'end_frame'): number =>
  settings.image_list?.filter((picture) => picture.type === type).length ?? 0;

/** Pictures in the order that they take upstream, `image` and `image_tail` included. */
const countPictures = ({ settings, image }: Draft): number =>
  (settings.image_list?.length ?? 0) + (image ? 1 : 0) + (settings.image_tail ? 1 : 0);

/** How pictures, elements and a video go together on the omni endpoint. */
export const omniRules: readonly Rule[] = [
  {
    reads: ['image_list', 'image'],
    check: (draft) =>
      countListed(draft, 'first_frame') + (draft.image ? 1 : 0) > 1
        ? 'may name one first_frame, and none beside image, which is the first frame.'
        : undefined,
  },
  {
    reads: ['image_list', 'image_tail'],
    check: (draft) =>
      countListed(draft, 'end_frame') + (draft.settings.image_tail ? 1 : 0) > 1
        ? 'may name one end_frame, and none beside image_tail, which is the end frame.'
        : undefined,
  },
  {
    reads: ['image_list', 'image', 'video_list'],
    check: (draft) =>
      countListed(draft, 'end_frame') > 0 && !draft.hasFirstFrame && draft.video !== 'base'
        ? 'has an end_frame without a first_frame; give both.'
        : undefined,
  },
  {
    reads: ['video_list', 'image', 'image_tail', 'image_list'],
    check: ({ video, hasFirstFrame, hasEndFrame }) =>
      video === 'base' && (hasFirstFrame || hasEndFrame)
        ? 'has a base video, which excludes a first or end frame; use refer_type feature, or plain pictures in image_list.'
        : undefined,
  },
  {
    reads: ['image_list', 'element_list', 'video_list', 'image', 'image_tail'],
    check: (draft) => {
      const { references } = draft.model.abilities;
      if (references === undefined) return undefined;
      const max = draft.video === undefined ? references.sources : references.sourcesWithVideo;
      const count = countPictures(draft) + (draft.settings.element_list?.length ?? 0);
      const withVideo = draft.video === undefined ? '' : ' beside a video';
      return count > max
        ? `and element_list have ${count} pictures and elements together, and ${draft.model.id} takes at most ${max}${withVideo}.`
        : undefined;
    },
  },
  {
    reads: ['element_list', 'image', 'image_tail', 'image_list'],
    check: ({ model, settings, hasFirstFrame, hasEndFrame }) => {
      const { references } = model.abilities;
      if (references === undefined || !(hasFirstFrame || hasEndFrame)) return undefined;
      const max = hasEndFrame ? references.elementsWithEndFrame : references.elementsWithFirstFrame;
      const frame = hasEndFrame ? 'an end frame' : 'a first frame';
      return (settings.element_list?.length ?? 0) > max
        ? `may hold at most ${max} elements beside ${frame} on ${model.id}.`
        : undefined;
    },
  },
  {
    reads: ['image_list', 'image', 'image_tail'],
    check: (draft) => {
      const max = draft.model.abilities.references?.picturesWithEndFrame;
      return max !== undefined && draft.hasEndFrame && countPictures(draft) > max
        ? `has more pictures than the ${max} that ${draft.model.id} takes together with an end frame.`
        : undefined;
    },
  },
];
