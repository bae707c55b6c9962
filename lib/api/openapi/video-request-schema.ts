import { maxCallbackUrlCharacters } from '../../callbacks/callback-url.ts';
import { metadataFields, type SettingName, topLevelFields } from '../../providers/kling/fields.ts';
import { videoModels } from '../../providers/video-models.ts';
import { videoSizes } from '../openai-video-fields.ts';
import { videoBody } from '../video-body.ts';
import { type JsonSchema, jsonSchemaOf, objectSchemaOf } from './json-schema.ts';

/** Read only to be refused with a reason: no model takes them any more. */
const withdrawnFields = ['camera_control', 'static_mask', 'dynamic_masks'] as const;

const metadataNotes: Record<Exclude<SettingName, (typeof withdrawnFields)[number]>, string> = {
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

const metadata = (): JsonSchema => ({
  type: 'object',
  description:
    'Parameters of Kling. A field that the model cannot honour is refused; an unknown one is ignored and named in warnings. Each may also stand beside metadata.',
  properties: Object.fromEntries(
    Object.entries(metadataNotes).map(([name, description]) => [
      name,
      { ...jsonSchemaOf(metadataFields(false)[name as SettingName]), description },
    ]),
  ),
  additionalProperties: true,
});

/** The schemas that read a request's fields, put together as the seed writes them. */
export const videoRequestSchema = (): JsonSchema => {
  const { prompt, image } = topLevelFields(false);
  const { properties } = objectSchemaOf(videoBody);
  return {
    type: 'object',
    required: ['model', 'prompt'],
    properties: {
      model: {
        type: 'string',
        description: 'Kling video model, with the prefix kling/.',
        examples: ['kling/kling-v3-omni'],
        enum: videoModels.map(({ id }) => id),
      },
      prompt: {
        ...jsonSchemaOf(prompt),
        description:
          'What the video shows, in up to 2500 characters. Must not be blank, unless every shot is given in metadata.multi_prompt.',
      },
      image: {
        ...jsonSchemaOf(image),
        description: 'First picture, for image-to-video: URL, data URL or base64 of a PNG or JPEG.',
      },
      metadata: metadata(),
      seconds: {
        description: 'OpenAI’s name for metadata.duration.',
        anyOf: [{ type: 'string' }, { type: 'integer' }],
      },
      size: {
        type: 'string',
        enum: Object.keys(videoSizes),
        description: 'OpenAI’s name for metadata.aspect_ratio and metadata.mode together.',
      },
      input_reference: {
        description: 'OpenAI’s name for image.',
        anyOf: [
          { type: 'string' },
          { type: 'object', required: ['image_url'], properties: { image_url: { type: 'string' } } },
        ],
      },
      images: {
        type: 'array',
        items: { type: 'string' },
        description: 'One picture is image; several are metadata.image_list, on omni models.',
      },
      callback_url: {
        ...properties['callback_url'],
        maxLength: maxCallbackUrlCharacters,
        description: 'Where signed events of this task are sent: a public https URL.',
        examples: ['https://hooks.example.com/clearmaas'],
      },
      callback_events: {
        ...properties['callback_events'],
        description: 'Which events are sent; video.completed and video.failed if left out.',
      },
      expires_after: {
        ...properties['expires_after'],
        description: 'Seconds after which the task fails if it has not ended; 7200 if left out.',
      },
    },
  };
};
