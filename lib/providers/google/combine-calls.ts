import type { ImageFailure, ImageOutcome, ImageUsage, MadeImage, MadeImages } from '../image-provider.ts';

/** Of several failures the one that tells the caller most: first what it can change, last what passes. */
const tellingOrder: readonly ImageFailure['status'][] = [
  'refused',
  'unclear',
  'operator-fault',
  'model-gone',
  'busy',
  'failed',
];

/** One outcome of several calls that make one image each: what was made counts, even if others failed. */
export const combineCalls = (outcomes: readonly ImageOutcome[]): ImageOutcome => {
  const made = outcomes.filter((outcome): outcome is MadeImages => outcome.status === 'made');
  if (made.length > 0)
    return {
      status: 'made',
      images: firstImages(made),
      count: made.length,
      usage: () => made.map(({ usage }) => usage()).reduce(addUsage, undefined),
    };
  const failures = outcomes.filter((outcome): outcome is ImageFailure => outcome.status !== 'made');
  const [telling] = failures.toSorted(
    (one, other) => tellingOrder.indexOf(one.status) - tellingOrder.indexOf(other.status),
  );
  return telling ?? { status: 'failed', detail: 'nothing was asked for' };
};

/** The model may answer with several pictures; one call stands for one image. */
const firstImages = async function* (made: readonly MadeImages[]): AsyncGenerator<MadeImage> {
  for (const { images } of made) {
    const iterator = images[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (!first.done) yield first.value;
    await passOver(iterator);
  }
};

/** An answer that breaks off must not take the images of the other calls with it; its own image has told. */
const passOver = async (iterator: AsyncIterator<MadeImage>): Promise<void> => {
  try {
    while (!(await iterator.next()).done);
  } catch {}
};

const addUsage = (sum: ImageUsage | undefined, usage: ImageUsage | undefined): ImageUsage | undefined => {
  if (sum === undefined || usage === undefined) return sum ?? usage;
  return {
    input_tokens: sum.input_tokens + usage.input_tokens,
    output_tokens: sum.output_tokens + usage.output_tokens,
    total_tokens: sum.total_tokens + usage.total_tokens,
  };
};
