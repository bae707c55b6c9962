import type { ImageFailure, ImageOutcome, ImageUsage, MadeImages } from '../image-provider.ts';

/** Which of several failures to report: first what the caller can change, last what passes by itself. */
const tellingOrder: readonly ImageFailure['status'][] = [
  'refused',
  'unclear',
  'operator-fault',
  'model-gone',
  'busy',
  'failed',
];

/** One outcome of several calls that make one image each: what was made counts, even if others failed. */
export const combineCalls = (outcomes: readonly ImageOutcome[]): ImageOutcome => ({
  ...mostTelling(outcomes),
  ...(outcomes.some(({ status }) => status === 'unclear') && { someUnclear: true }),
});

const mostTelling = (outcomes: readonly ImageOutcome[]): ImageOutcome => {
  const made = outcomes.filter((outcome): outcome is MadeImages => outcome.status === 'made');
  const [first, ...more] = made.flatMap(({ images }) => images);
  if (first !== undefined) {
    const usages = made.flatMap(({ usage }) => usage ?? []);
    // Where a call does not tell, the sum is not known.
    const isWhole = usages.length === made.length;
    return { status: 'made', images: [first, ...more], ...(isWhole && { usage: usages.reduce(addUsage) }) };
  }
  const failures = outcomes.filter((outcome): outcome is ImageFailure => outcome.status !== 'made');
  const [telling] = failures.toSorted(
    (one, other) => tellingOrder.indexOf(one.status) - tellingOrder.indexOf(other.status),
  );
  return telling ?? { status: 'failed', detail: 'nothing was asked for' };
};

const addUsage = (sum: ImageUsage, usage: ImageUsage): ImageUsage => {
  const outputDetails = addDetails(sum.output_tokens_details, usage.output_tokens_details);
  return {
    input_tokens: sum.input_tokens + usage.input_tokens,
    input_tokens_details: {
      text_tokens: sum.input_tokens_details.text_tokens + usage.input_tokens_details.text_tokens,
      image_tokens: sum.input_tokens_details.image_tokens + usage.input_tokens_details.image_tokens,
    },
    output_tokens: sum.output_tokens + usage.output_tokens,
    ...(outputDetails && { output_tokens_details: outputDetails }),
    total_tokens: sum.total_tokens + usage.total_tokens,
  };
};

/** Of calls that do not all tell the details, the sum is not known. */
const addDetails = (
  sum: ImageUsage['output_tokens_details'],
  details: ImageUsage['output_tokens_details'],
): ImageUsage['output_tokens_details'] =>
  sum &&
  details && {
    text_tokens: sum.text_tokens + details.text_tokens,
    image_tokens: sum.image_tokens + details.image_tokens,
  };
