import type { Problem } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { textAt } from '../http/fields.ts';
import type { ImagePlan, ImageRequest } from '../image-provider.ts';
import { planShape } from '../images/aspect-ratio.ts';
import { leftOutNotes } from '../images/notes.ts';
import { resolutionNotes, resolutionOf } from '../images/resolution.ts';
import type { XaiModel } from './models.ts';

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

/**
 * The body for xAI's Images API, which refuses OpenAI's `size` and `style`. Bytes are asked for: its links end soon.
 *
 * @see https://docs.x.ai/developers/model-capabilities/images/generation
 */
export const planXai = (request: ImageRequest, model: XaiModel): ImagePlan => {
  const { quality } = request;
  const shape = planShape(request, aspectRatios);
  // It draws no larger.
  const resolution = resolutionOf(request) === '1k' ? '1k' : '2k';
  const problems = [...shape.problems, ...resolutionProblems(request)];
  if (problems.length > 0) return { possible: false, problems };

  const parameters: JsonObject = {
    model: model.upstreamId,
    prompt: request.prompt,
    n: request.n,
    response_format: 'b64_json',
    resolution,
    ...(shape.ratio !== undefined && { aspect_ratio: shape.ratio }),
    ...(request.user !== undefined && { user: request.user }),
  };
  if (model.qualities.length > 0 && quality !== undefined && quality !== 'auto')
    parameters['quality'] = quality === 'low' ? 'low' : 'medium';
  return {
    possible: true,
    order: {
      upstreamId: model.upstreamId,
      n: request.n,
      parameters,
      traits: { resolution, quality: textAt(parameters, 'quality') || 'medium' },
    },
    notes: [
      ...shape.notes,
      ...resolutionNotes(request.size, resolution),
      ...leftOutNotes(request, ['background', 'outputFormat', 'outputCompression', 'moderation']),
    ],
  };
};

const resolutionProblems = ({ resolution }: ImageRequest): Problem[] =>
  resolution === '4k' ? [{ param: 'resolution', message: 'must be 1k or 2k for this model.' }] : [];
