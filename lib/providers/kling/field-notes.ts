import type { SettingName } from './fields.ts';

/** Read only to be refused with a reason: no model takes them any more. */
const withdrawnFields = ['camera_control', 'static_mask', 'dynamic_masks'] as const;

/** What the document says of the fields that a caller may use. */
export const fieldNotes: Record<Exclude<SettingName, (typeof withdrawnFields)[number]>, string> = {
  mode: 'Every model: 720p (std), 1080p (pro), or 2160p (4k) where the model makes it.',
  aspect_ratio: 'Every model. Not sent on where a picture or a base video gives the shape.',
  duration: 'Every model: whole seconds, as a number or as text. Which ones there are depends on the model.',
  negative_prompt: 'Text and image-to-video only: what must not be seen, in up to 2500 characters.',
  cfg_scale: 'Text and image-to-video only: how closely to follow the prompt, from 0 to 1.',
  sound: 'Models with native audio only; costs extra.',
  watermark_info: 'Whether a second, watermarked file is made.',
  multi_shot: 'Models of several shots only.',
  shot_type:
    'With multi_shot: every shot is given in multi_prompt (customize), or the prompt is divided (intelligence).',
  multi_prompt: 'With shot_type customize: 1 to 6 shots, whose durations add up to duration.',
  image_tail: 'The last picture, as URL, data URL or base64; a PNG or JPEG.',
  image_list: 'Omni models only: pictures that the prompt names as <<<image_1>>> and so on.',
  video_list: 'Omni models only: a video to edit (base), or to take style or camera from (feature).',
  element_list: 'Elements of the Kling account, which the prompt names as <<<element_1>>> and so on.',
  voice_list: 'Voices of the Kling account, which the prompt names as <<<voice_1>>> and so on.',
  external_task_id: 'Your own reference: echoed in answers and events, never sent to Kling.',
  callback_url: 'The same as callback_url beside metadata, for SDKs whose types are closed.',
};
