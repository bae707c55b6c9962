import type { ImagePlan, ImageRequest } from '../image-provider.ts';
import { planShape } from '../images/aspect-ratio.ts';
import { leftOutNotes } from '../images/notes.ts';
import { resolutionNotes, resolutionOf } from '../images/resolution.ts';
import type { GoogleModel } from './models.ts';

/**
 * The body for one `generateContent` call, which makes one image; `n` of them make the order.
 *
 * @see https://ai.google.dev/gemini-api/docs/image-generation
 */
export const planGoogle = (request: ImageRequest, model: GoogleModel): ImagePlan => {
  const shape = planShape(request, model.aspectRatios);
  if (shape.problems.length > 0) return { possible: false, problems: shape.problems };

  const resolution = resolutionOf(request);
  const imageConfig = {
    imageSize: resolution.toUpperCase(),
    ...(shape.ratio !== undefined && { aspectRatio: shape.ratio }),
  };
  return {
    possible: true,
    order: {
      upstreamId: model.upstreamId,
      n: request.n,
      traits: { resolution },
      parameters: {
        contents: [{ role: 'user', parts: [{ text: request.prompt }] }],
        generationConfig: { responseModalities: ['IMAGE'], imageConfig },
      },
    },
    notes: [
      ...shape.notes,
      ...resolutionNotes(request.size, resolution),
      ...leftOutNotes(request, ['user', 'background', 'outputFormat', 'outputCompression', 'moderation']),
    ],
  };
};
