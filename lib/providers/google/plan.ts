import type { ImageModelOf } from '../image-models.ts';
import type { ImagePlan, ImageRequest } from '../image-provider.ts';
import { noSuchRatio, ratioOfSize } from '../images/aspect-ratio.ts';
import { leftOutNotes } from '../images/notes.ts';

const fine = ['high', 'xhigh', 'max'];

/** The long side from which a size asks for more than the usual resolution. */
const doublePixels = 2048;
const quadruplePixels = 3840;

const imageSizeOf = ({ size, quality }: ImageRequest): '1K' | '2K' | '4K' => {
  const longSide = size === undefined ? 0 : Math.max(size.width, size.height);
  if (longSide >= quadruplePixels) return '4K';
  return longSide >= doublePixels || (quality !== undefined && fine.includes(quality)) ? '2K' : '1K';
};

/**
 * The body for one `generateContent` call, which makes one image; `n` of them make the order.
 *
 * @see https://ai.google.dev/gemini-api/docs/image-generation
 */
export const planGoogle = (request: ImageRequest, model: ImageModelOf<'google'>): ImagePlan => {
  const { size } = request;
  const match = size && ratioOfSize(size, model.aspectRatios);
  if (size !== undefined && match === undefined)
    return { possible: false, problems: [noSuchRatio(size, model.aspectRatios)] };

  const imageConfig = { imageSize: imageSizeOf(request), ...(match && { aspectRatio: match.ratio }) };
  return {
    possible: true,
    order: {
      upstreamId: model.upstreamId,
      n: request.n,
      parameters: {
        contents: [{ role: 'user', parts: [{ text: request.prompt }] }],
        generationConfig: { responseModalities: ['IMAGE'], imageConfig },
      },
    },
    notes: [
      ...(match?.exact === false
        ? [`size ${size?.width}x${size?.height} is drawn in the ratio ${match.ratio}`]
        : []),
      ...leftOutNotes(request, ['user', 'background', 'outputFormat', 'outputCompression', 'moderation']),
    ],
  };
};
