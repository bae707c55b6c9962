import type { Problem } from '../../errors.ts';
import type { ImageRequest, ImageSize } from '../image-provider.ts';

/** 1792x1024 passes for 16:9, from which it differs by 1.6 %. */
const tolerance = 0.03;

const shareOf = (ratio: string): number => {
  const [width, height] = ratio.split(':').map(Number) as [number, number];
  return width / height;
};

type RatioMatch = { ratio: string; exact: boolean };

/** The ratio that a size has, of those on offer; `undefined` when none is close enough. */
const ratioOfSize = ({ width, height }: ImageSize, ratios: readonly string[]): RatioMatch | undefined => {
  const wanted = width / height;
  const distance = (ratio: string) => Math.abs(Math.log(shareOf(ratio) / wanted));
  const [nearest] = ratios.toSorted((one, other) => distance(one) - distance(other));
  if (nearest === undefined || distance(nearest) > tolerance) return undefined;
  return { ratio: nearest, exact: distance(nearest) < 1e-9 };
};

/** Offers that are served from the same ratio list in the same words. */
const noSuchRatio = ({ width, height }: ImageSize, ratios: readonly string[]) => ({
  param: 'size',
  message: `must have one of the ratios ${ratios.join(', ')} for this model, such as 1024x1024; ${width}x${height} has none of them.`,
});

type PlannedShape = { ratio?: string; notes: string[]; problems: Problem[] };

/** The ratio to draw in, by `aspect_ratio` or by the size, and what is to be said of it. */
export const planShape = (
  { size, aspectRatio }: Pick<ImageRequest, 'size' | 'aspectRatio'>,
  ratios: readonly string[],
): PlannedShape => {
  const bySize = size && ratioOfSize(size, ratios);
  if (size !== undefined && bySize === undefined) return { notes: [], problems: [noSuchRatio(size, ratios)] };
  const notes =
    bySize?.exact === false
      ? [`size ${size?.width}x${size?.height} is drawn in the ratio ${bySize.ratio}`]
      : [];
  const chosen = aspectRatio ?? bySize?.ratio;
  const problems = aspectRatio === undefined ? [] : aspectRatioProblems(aspectRatio, bySize?.ratio, ratios);
  return { notes, problems, ...(chosen !== undefined && { ratio: chosen }) };
};

const aspectRatioProblems = (
  asked: string,
  bySize: string | undefined,
  ratios: readonly string[],
): Problem[] => {
  if (!ratios.includes(asked))
    return [{ param: 'aspect_ratio', message: `must be one of ${ratios.join(', ')} for this model.` }];
  return bySize === undefined || bySize === asked
    ? []
    : [{ param: 'aspect_ratio', message: `and size say different things; give one of them.` }];
};
