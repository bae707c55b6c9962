import type { ImageRequest, ImageSize } from '../image-provider.ts';

type Resolution = '1k' | '2k' | '4k';

const nominalSides: Record<Resolution, number> = { '1k': 1024, '2k': 2048, '4k': 3840 };
const fine = ['high', 'xhigh', 'max'];

/** The resolution to draw in: the one asked for, or else by size and quality. */
export const resolutionOf = ({ size, quality, resolution }: ImageRequest): Resolution => {
  if (resolution !== undefined) return resolution;
  const longSide = size === undefined ? 0 : Math.max(size.width, size.height);
  if (longSide >= nominalSides['4k']) return '4k';
  const isFine = quality !== undefined && fine.includes(quality);
  return isFine || longSide >= nominalSides['2k'] ? '2k' : '1k';
};

/** Says so where a provider draws in steps of resolution and the size that was asked for lies far from its step. */
export const resolutionNotes = (size: ImageSize | undefined, resolution: Resolution): string[] => {
  const side = nominalSides[resolution];
  if (size === undefined) return [];
  const drawn = (how: string) => [
    `size ${size.width}x${size.height} is drawn ${how}, at some ${side} pixels`,
  ];
  if (Math.max(size.width, size.height) < side) return drawn('larger');
  return size.width * size.height > 2 * side * side ? drawn('smaller') : [];
};
