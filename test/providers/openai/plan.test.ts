import { describe, expect, it } from 'vitest';
import type { ImageRequest } from '../../../lib/providers/image-provider.ts';
import { openAiModels } from '../../../lib/providers/openai/models.ts';
import { planOpenAi } from '../../../lib/providers/openai/plan.ts';

const modelNamed = (id: string) => {
  const model = openAiModels.find((candidate) => candidate.id === id);
  if (model === undefined) throw new Error(`${id} is not a model of OpenAI`);
  return model;
};
const planFor = (id: string, request: Partial<ImageRequest>) =>
  planOpenAi({ prompt: 'a mill', n: 1, ...request }, modelNamed(id));
const parametersFor = (id: string, request: Partial<ImageRequest>) => {
  const plan = planFor(id, request);
  if (!plan.possible) throw new Error('the request cannot be honoured');
  return plan.order.parameters;
};
const size = (text: string) => {
  const [width, height] = text.split('x').map(Number) as [number, number];
  return { width, height };
};

it('says every field in the words of OpenAI, and never a response format', () => {
  expect(
    parametersFor('openai/gpt-image-2.6-flare', {
      n: 2,
      size: size('1024x1536'),
      quality: 'max',
      user: 'u',
      background: 'transparent',
      outputFormat: 'webp',
      outputCompression: 80,
      moderation: 'low',
    }),
  ).toEqual({
    model: 'gpt-image-2.6-flare',
    prompt: 'a mill',
    n: 2,
    size: '1024x1536',
    quality: 'max',
    user: 'u',
    background: 'transparent',
    output_format: 'webp',
    output_compression: 80,
    moderation: 'low',
  });
});

it('leaves to OpenAI what was left out', () => {
  expect(parametersFor('openai/gpt-image-2', {})).toEqual({ model: 'gpt-image-2', prompt: 'a mill', n: 1 });
});

describe('the first family', () => {
  it.each([
    ['1024x1024', '1024x1024'],
    ['1536x1024', '1536x1024'],
    ['1792x1024', '1536x1024'],
    ['1024x1792', '1024x1536'],
  ])('draws %s as %s', (wanted, drawn) => {
    const plan = planFor('openai/gpt-image-1.5', { size: size(wanted) });
    expect(plan).toMatchObject({ order: { parameters: { size: drawn } } });
    expect(plan.possible && plan.notes.length).toBe(wanted === drawn ? 0 : 1);
  });

  it('draws no other size, and says which', () => {
    expect(planFor('openai/gpt-image-1', { size: size('512x512') })).toMatchObject({
      possible: false,
      problems: [{ param: 'size', message: expect.stringContaining('1536x1024') }],
    });
  });
});

it.each([
  ['1792x1024', true],
  ['3840x2160', true],
  ['2160x3840', true],
  ['3072x1024', true],
  ['3088x1024', false],
  ['3856x2160', false],
  ['3008x3008', false],
  ['1000x1000', false],
])('draws %s with the newer models: %s', (wanted, possible) => {
  expect(planFor('openai/gpt-image-2', { size: size(wanted) }).possible).toBe(possible);
});

it('names everything that the model cannot do', () => {
  expect(
    planFor('openai/gpt-image-2', {
      size: size('1x1'),
      quality: 'xhigh',
      background: 'transparent',
      outputFormat: 'jpeg',
    }),
  ).toMatchObject({ problems: [{ param: 'size' }, { param: 'quality' }, { param: 'background' }] });
});
