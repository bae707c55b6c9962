import type { ImageSize } from '../image-provider.ts';

/** 1792x1024 passes for 16:9, from which it differs by 1.6 %. */
const tolerance = 0.03;

const shareOf = (ratio: string): number => {
  const [width, height] = ratio.split(':').map(Number) as [number, number];
  return width / height;
};

export type RatioMatch = { ratio: string; exact: boolean };

/** The ratio that a size has, of those on offer; `undefined` when none is close enough. */
export const ratioOfSize = (
  { width, height }: ImageSize,
  ratios: readonly string[],
): RatioMatch | undefined => {
  const wanted = width / height;
  const distance = (ratio: string) => Math.abs(Math.log(shareOf(ratio) / wanted));
  const [nearest] = ratios.toSorted((one, other) => distance(one) - distance(other));
  if (nearest === undefined || distance(nearest) > tolerance) return undefined;
  return { ratio: nearest, exact: distance(nearest) < 1e-9 };
};

/** Offers that are served from the same ratio list in the same words. */
export const noSuchRatio = ({ width, height }: ImageSize, ratios: readonly string[]) => ({
  param: 'size',
  message: `must have one of the ratios ${ratios.join(', ')} for this model, such as 1024x1024; ${width}x${height} has none of them.`,
});
