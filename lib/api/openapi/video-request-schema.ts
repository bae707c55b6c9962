import { maxCallbackUrlCharacters } from '../../callbacks/callback-url.ts';
import type { VideoDescriptor } from '../../providers/descriptor.ts';
import type { Registry } from '../../providers/registry.ts';
import { videoSizes } from '../openai-video-fields.ts';
import { videoBody } from '../video-body.ts';
import { type JsonSchema, jsonSchemaOf, type ObjectSchema, objectSchemaOf } from './json-schema.ts';

const metadata = (descriptors: readonly VideoDescriptor<boolean>[]): ObjectSchema => ({
  type: 'object',
  description:
    'Parameters of the provider. A field that the model cannot honour is refused; an unknown one is ignored and named in warnings. Each may also stand beside metadata.',
  properties: Object.fromEntries(
    descriptors.flatMap(({ requests: { fields, fieldNotes } }) =>
      Object.entries(fields(false).metadata)
        .filter(([name]) => fieldNotes[name] !== undefined)
        .map(([name, schema]) => [name, { ...jsonSchemaOf(schema), description: fieldNotes[name] }]),
    ),
  ),
  additionalProperties: true,
});

/** The schemas that read a request's fields, put together as the seed writes them. */
export const videoRequestSchema = ({ videos }: Registry): ObjectSchema => {
  const bag = metadata(videos);
  const { prompt, image } = Object.assign(
    {},
    ...videos.map(({ requests }) => requests.fields(false).topLevel),
  );
  const ids = videos.flatMap(({ models }) => models.map(({ id }) => id));
  const { properties } = objectSchemaOf(videoBody);
  return {
    type: 'object',
    required: ['model', 'prompt'],
    properties: {
      model: {
        type: 'string',
        description: 'Video model, with the prefix of its provider.',
        examples: ids.slice(-1),
        enum: ids,
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
      metadata: bag,
      seconds: { ...bag.properties['duration'], description: 'OpenAI’s name for metadata.duration.' },
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
      n: { type: 'integer', const: 1, description: 'Only 1: a request makes one video.' },
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

/** The same fields as OpenAI's SDKs send them: as text, nested ones by `metadata[mode]`, and the picture as a file. */
export const videoFormSchema = (registry: Registry): JsonSchema => {
  const { properties, ...schema } = videoRequestSchema(registry);
  const file = { type: 'string', format: 'binary' };
  return {
    ...schema,
    properties: {
      ...properties,
      image: { ...file, description: 'First picture, a PNG or JPEG; or its URL, or base64.' },
      input_reference: {
        ...file,
        description: 'OpenAI’s name for image; or input_reference[image_url], its URL.',
      },
    },
  };
};
