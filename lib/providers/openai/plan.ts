import type { Problem } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ImagePlan, ImageRequest, ImageSize } from '../image-provider.ts';
import { leftOutNotes } from '../images/notes.ts';
import type { OpenAiModel } from './models.ts';

/**
 * The body for OpenAI's Images API. `response_format` is never sent: GPT Image knows only base64, and refuses it.
 *
 * @see https://developers.openai.com/api/docs/guides/image-generation
 */
export const planOpenAi = (request: ImageRequest, model: OpenAiModel): ImagePlan => {
  const { size, problem, note } = planSize(request.size, model);
  const problems = [problem ?? [], qualityProblem(request, model), formatProblems(request)].flat();
  if (problems.length > 0) return { possible: false, problems };

  const parameters: JsonObject = { model: model.upstreamId, prompt: request.prompt, n: request.n };
  const optional = {
    size,
    quality: request.quality,
    user: request.user,
    background: request.background,
    output_format: request.outputFormat,
    output_compression: request.outputCompression,
    moderation: request.moderation,
  };
  for (const [name, value] of Object.entries(optional)) if (value !== undefined) parameters[name] = value;
  return {
    possible: true,
    order: { upstreamId: model.upstreamId, n: request.n, parameters, traits: traitsOf(size, request) },
    notes: [...(note ?? []), ...leftOutNotes(request, ['aspectRatio', 'resolution'])],
  };
};

/** What is left to OpenAI is told by its answer only. */
const traitsOf = (size: string | undefined, { quality }: ImageRequest) => ({
  ...(size !== undefined && { size }),
  ...(quality !== undefined && quality !== 'auto' && { quality }),
});

type PlannedSize = { size?: string; problem?: Problem[]; note?: string[] };

const planSize = (size: ImageSize | undefined, model: OpenAiModel): PlannedSize => {
  if (size === undefined) return {};
  return model.anySize ? planAnySize(size) : planFixedSize(size);
};

const fixedSizes = ['1024x1024', '1536x1024', '1024x1536'];
/** Sizes of the retired dall-e-3, which ClearMaas documents, and what comes nearest. */
const successors: Record<string, string> = { '1792x1024': '1536x1024', '1024x1792': '1024x1536' };

const planFixedSize = ({ width, height }: ImageSize): PlannedSize => {
  const size = `${width}x${height}`;
  if (fixedSizes.includes(size)) return { size };
  const successor = successors[size];
  if (successor !== undefined) return { size: successor, note: [`size ${size} is drawn as ${successor}`] };
  return {
    problem: [
      { param: 'size', message: `must be auto, ${fixedSizes.join(', ')} for this model, not ${size}.` },
    ],
  };
};

const sideStep = 16;
const maxSide = 3840;
const maxPixels = 3840 * 2160;
const maxRatio = 3;

const planAnySize = ({ width, height }: ImageSize): PlannedSize => {
  const possible =
    width % sideStep === 0 &&
    height % sideStep === 0 &&
    Math.max(width, height) <= maxSide &&
    width * height <= maxPixels &&
    Math.max(width / height, height / width) <= maxRatio;
  if (possible) return { size: `${width}x${height}` };
  return {
    problem: [
      {
        param: 'size',
        message: `must have sides that are multiples of ${sideStep}, up to 3840x2160 in all, and be at most ${maxRatio} times as long as wide for this model; ${width}x${height} is not such a size.`,
      },
    ],
  };
};

const qualityProblem = ({ quality }: ImageRequest, { qualities }: OpenAiModel): Problem[] =>
  quality === undefined || qualities.includes(quality)
    ? []
    : [{ param: 'quality', message: `must be ${qualities.join(', ')}, standard or hd for this model.` }];

const formatProblems = ({ background, outputFormat = 'png', outputCompression }: ImageRequest): Problem[] => {
  const problems: Problem[] = [];
  if (background === 'transparent' && outputFormat === 'jpeg')
    problems.push({
      param: 'background',
      message: 'can be transparent only in png or webp; change "output_format".',
    });
  if (outputCompression !== undefined && outputFormat === 'png')
    problems.push({
      param: 'output_compression',
      message: 'needs "output_format": "jpeg" or "webp"; PNG has none.',
    });
  return problems;
};
