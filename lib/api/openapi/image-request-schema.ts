import { maxCallbackUrlCharacters } from '../../callbacks/callback-url.ts';
import type { Registry } from '../../providers/registry.ts';
import { imageBody } from '../images/image-body.ts';
import { type JsonSchema, objectSchemaOf, withNotes } from './json-schema.ts';

const notes: Record<string, JsonSchema> = {
  model: { description: 'Image model. One that its provider has retired is served by its successor.' },
  n: { default: 1 },
  size: {
    description: 'OpenAI-style size: 1024x1024, 1792x1024, 1024x1792, or auto.',
    examples: ['1024x1024'],
  },
  aspect_ratio: { description: 'Where the provider has it; else named in warnings.' },
  style: { description: 'Taken for the sake of older clients; no model has it any more.' },
  resolution: {
    description: 'Where the provider has it; else named in warnings. Upper case means the same.',
  },
  response_format: {
    default: 'url',
    description: 'If left out, b64_json for a GPT image model that is named without its prefix.',
  },
  callback_url: {
    maxLength: maxCallbackUrlCharacters,
    description: 'Where signed events are sent. The answer is then a task, at once.',
  },
  callback_events: { description: 'Which events are sent; both if left out.' },
  stream: { description: 'Not supported; false or left out.' },
};

const fallback: Record<string, JsonSchema> = {
  models: {
    type: 'array',
    items: { type: 'string' },
    description: 'With route "fallback": up to five models, tried in turn instead of model.',
  },
  route: { type: 'string', description: '"fallback" turns models on; anything else is ignored.' },
};

export const imageRequestSchema = ({ images }: Registry): JsonSchema => {
  const schema = withNotes(objectSchemaOf(imageBody), notes);
  const examples = images.flatMap(({ models }) => models.slice(0, 1).map(({ id }) => id));
  return {
    ...schema,
    properties: {
      ...schema.properties,
      model: { ...schema.properties['model'], examples },
      ...fallback,
      extra_body: {
        type: 'object',
        description: 'models and route, where they do not stand beside it. Nothing else of it is followed.',
        properties: fallback,
      },
    },
  };
};
