import { expect, it } from 'vitest';
import { planGoogle } from '../../../lib/providers/google/plan.ts';
import { imageModels } from '../../../lib/providers/image-models.ts';
import type { ImageRequest } from '../../../lib/providers/image-provider.ts';

const modelNamed = (id: string) => {
  const model = imageModels.find((candidate) => candidate.id === id);
  if (model?.provider !== 'google') throw new Error(`${id} is not a model of Google`);
  return model;
};
const planFor = (request: Partial<ImageRequest>, id = 'google/gemini-3-pro-image') =>
  planGoogle({ prompt: 'a mill', n: 1, ...request }, modelNamed(id));
const size = (text: string) => {
  const [width, height] = text.split('x').map(Number) as [number, number];
  return { width, height };
};

it('asks for an image and nothing else', () => {
  expect(planFor({})).toEqual({
    possible: true,
    order: {
      upstreamId: 'gemini-3-pro-image',
      n: 1,
      parameters: {
        contents: [{ role: 'user', parts: [{ text: 'a mill' }] }],
        generationConfig: { responseModalities: ['IMAGE'], imageConfig: { imageSize: '1K' } },
      },
    },
    notes: [],
  });
});

it.each([
  ['1024x1024', '1:1', '1K', 0],
  ['1536x1024', '3:2', '1K', 0],
  ['1024x1536', '2:3', '1K', 0],
  ['1792x1024', '16:9', '1K', 1],
  ['1024x1792', '9:16', '1K', 1],
  ['2048x2048', '1:1', '2K', 0],
  ['3840x2160', '16:9', '4K', 0],
])('turns %s into %s at %s', (wanted, aspectRatio, imageSize, notes) => {
  const plan = planFor({ size: size(wanted) });
  expect(plan).toMatchObject({
    order: { parameters: { generationConfig: { imageConfig: { aspectRatio, imageSize } } } },
  });
  expect(plan.possible && plan.notes.length).toBe(notes);
});

it.each([
  ['low', '1K'],
  ['medium', '1K'],
  ['high', '2K'],
  ['auto', '1K'],
] as const)('draws quality %s at %s', (quality, imageSize) => {
  expect(planFor({ quality })).toMatchObject({
    order: { parameters: { generationConfig: { imageConfig: { imageSize } } } },
  });
});

it('names the fields that Google has not', () => {
  const plan = planFor({ user: 'u', background: 'auto', outputFormat: 'webp', moderation: 'low' });
  expect(plan).toMatchObject({ notes: [expect.stringMatching(/user, output_format, moderation$/)] });
});

it('refuses a ratio that the model does not draw', () => {
  const tall = size('256x2048');
  expect(planFor({ size: tall })).toMatchObject({ problems: [{ param: 'size' }] });
  expect(planFor({ size: tall }, 'google/gemini-nano-banana-2.1').possible).toBe(true);
});
