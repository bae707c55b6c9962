import { expect, it } from 'vitest';
import { googleModels } from '../../../lib/providers/google/models.ts';
import { planGoogle } from '../../../lib/providers/google/plan.ts';
import type { ImageRequest } from '../../../lib/providers/image-provider.ts';

const modelNamed = (id: string) => {
  const model = googleModels.find((candidate) => candidate.id === id);
  if (model === undefined) throw new Error(`${id} is not a model of Google`);
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
      traits: { resolution: '1k' },
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

it.each([
  ['16:9', { aspectRatio: '16:9' }, { aspectRatio: '16:9', imageSize: '1K' }],
  ['4k', { resolution: '4k' }, { imageSize: '4K' }],
  [
    'both and a size',
    { size: size('1024x1024'), aspectRatio: '1:1', resolution: '2k' },
    { aspectRatio: '1:1', imageSize: '2K' },
  ],
] as const)('passes aspect_ratio and resolution on: %s', (_what, request, imageConfig) => {
  expect(planFor(request)).toMatchObject({ order: { parameters: { generationConfig: { imageConfig } } } });
});

it('refuses an aspect_ratio that the model has not, or that the size has not', () => {
  expect(planFor({ aspectRatio: '7:5' })).toMatchObject({ problems: [{ param: 'aspect_ratio' }] });
  const both = { size: size('1024x1024'), aspectRatio: '16:9' };
  expect(planFor(both)).toMatchObject({
    problems: [{ message: expect.stringContaining('different things') }],
  });
});

it.each([
  ['256x256', 'size 256x256 is drawn larger, at some 1024 pixels'],
  ['2000x2000', 'size 2000x2000 is drawn smaller, at some 1024 pixels'],
])('says at which size %s is drawn', (wanted, note) => {
  expect(planFor({ size: size(wanted) })).toMatchObject({ notes: [note] });
});
