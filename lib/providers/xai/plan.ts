import type { JsonObject } from '../../json.ts';
import type { ImageModelOf } from '../image-models.ts';
import type { ImagePlan, ImageRequest } from '../image-provider.ts';
import { noSuchRatio, ratioOfSize } from '../images/aspect-ratio.ts';
import { leftOutNotes } from '../images/notes.ts';

const aspectRatios = [
  '1:1',
  '3:4',
  '4:3',
  '9:16',
  '16:9',
  '2:3',
  '3:2',
  '9:19.5',
  '19.5:9',
  '9:20',
  '20:9',
  '1:2',
  '2:1',
];
const fine = ['high', 'xhigh', 'max'];
const doubleResolutionPixels = 2048;

/**
 * The body for xAI's Images API, which refuses OpenAI's `size` and `style`. Bytes are asked for: its links end soon.
 *
 * @see https://docs.x.ai/developers/model-capabilities/images/generation
 */
export const planXai = (request: ImageRequest, model: ImageModelOf<'xai'>): ImagePlan => {
  const { size, quality } = request;
  const match = size && ratioOfSize(size, aspectRatios);
  if (size !== undefined && match === undefined)
    return { possible: false, problems: [noSuchRatio(size, aspectRatios)] };

  const isFine = quality !== undefined && fine.includes(quality);
  const isLarge = size !== undefined && Math.max(size.width, size.height) >= doubleResolutionPixels;
  const parameters: JsonObject = {
    model: model.upstreamId,
    prompt: request.prompt,
    n: request.n,
    response_format: 'b64_json',
    resolution: isFine || isLarge ? '2k' : '1k',
    ...(match && { aspect_ratio: match.ratio }),
    ...(request.user !== undefined && { user: request.user }),
  };
  if (model.qualities.length > 0 && quality !== undefined && quality !== 'auto')
    parameters['quality'] = quality === 'low' ? 'low' : 'medium';
  return {
    possible: true,
    order: { upstreamId: model.upstreamId, n: request.n, parameters },
    notes: [
      ...(match?.exact === false
        ? [`size ${size?.width}x${size?.height} is drawn in the ratio ${match.ratio}`]
        : []),
      ...leftOutNotes(request, ['background', 'outputFormat', 'outputCompression', 'moderation']),
    ],
  };
};
