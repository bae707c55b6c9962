import { withoutUndefined } from '../../without-undefined.ts';
import type { PreparedVideoRequest } from '../descriptor.ts';
import type { VideoRequest } from '../provider.ts';
import type { Draft } from './draft.ts';
import type { SettingName } from './fields.ts';
import { assetPrefix } from './picture-places.ts';
import type { Picture } from './pictures.ts';

/** A request in Kling's field names and types, and the pictures that it leaves out. */
export const createParameters = (
  draft: Draft,
): Pick<VideoRequest, 'parameters'> & Pick<PreparedVideoRequest, 'pictures'> => {
  const pictures: { placeholder: string; bytes: Uint8Array }[] = [];
  const place = (picture: Picture): string => {
    if ('url' in picture) return picture.url;
    const placeholder = `${assetPrefix}${pictures.length}`;
    pictures.push({ placeholder, bytes: picture.bytes });
    return placeholder;
  };
  const { settings, mode } = draft;
  const parameters = withoutUndefined({
    prompt: draft.prompt,
    mode,
    duration: isIgnored('duration', draft) ? undefined : String(draft.durationSeconds),
    aspect_ratio: aspectRatio(draft),
    negative_prompt: settings.negative_prompt,
    cfg_scale: settings.cfg_scale,
    sound: draft.model.abilities.soundModes.length > 0 ? settings.sound : undefined,
    ...shotParameters(draft),
    ...pictureParameters(draft, place),
    video_list: settings.video_list?.map(withoutUndefined),
    element_list: settings.element_list,
    voice_list: settings.voice_list,
    watermark_info: settings.watermark_info,
  });
  return { parameters, pictures };
};

/** Fields that every model takes but Kling does not where the shape or length comes from an input. */
export const isIgnored = (name: SettingName, { action, hasFirstFrame, video }: Draft): boolean => {
  if (name === 'duration') return video === 'base';
  return name === 'aspect_ratio' && (action === 'generate' || hasFirstFrame || video === 'base');
};

/** Omni needs a shape wherever no input gives one; the other endpoints have a default. */
const aspectRatio = (draft: Draft): string | undefined => {
  if (isIgnored('aspect_ratio', draft)) return undefined;
  return draft.settings.aspect_ratio ?? (draft.action === 'omniVideo' ? '16:9' : undefined);
};

const shotParameters = ({ model, settings, hasOwnShots }: Draft) => {
  if (!model.abilities.multiShot || settings.multi_shot === undefined) return {};
  const { multi_shot, shot_type, multi_prompt } = settings;
  return {
    multi_shot,
    shot_type,
    multi_prompt: hasOwnShots
      ? multi_prompt?.map(({ index, prompt, duration }, position) => ({
          index: index ?? position + 1,
          prompt,
          duration: String(duration),
        }))
      : undefined,
  };
};

const pictureParameters = ({ action, image, settings }: Draft, place: (picture: Picture) => string) => {
  const { image_tail } = settings;
  if (action !== 'omniVideo')
    return { image: image && place(image), image_tail: image_tail && place(image_tail) };
  // The caller's own list comes first: prompts name its pictures by their place (`<<<image_1>>>`).
  const image_list = [
    ...(settings.image_list ?? []),
    ...(image ? [{ image_url: image, type: 'first_frame' }] : []),
    ...(image_tail ? [{ image_url: image_tail, type: 'end_frame' }] : []),
  ].map(({ image_url, type }) => withoutUndefined({ image_url: place(image_url), type }));
  return { image_list: image_list.length > 0 ? image_list : undefined };
};
