import { expect, it } from 'vitest';
import { recogniseImageType } from '../../lib/assets/image-type.ts';

it.each([
  ['image/png', '89504e470d0a1a0a0000000d'],
  ['image/jpeg', 'ffd8ffe000104a4649460001'],
  ['image/webp', '524946462400000057454250'],
])('recognises %s by its first bytes', (contentType, hex) => {
  expect(recogniseImageType(Buffer.from(hex, 'hex'))?.contentType).toBe(contentType);
});

it.each([
  ['text', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['a sound in the same container as WebP', 'RIFF$   WAVE'],
  ['nothing', ''],
])('does not take %s for an image', (_what, text) => {
  expect(recogniseImageType(Buffer.from(text))).toBeUndefined();
});
