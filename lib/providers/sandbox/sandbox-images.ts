import { setTimeout as wait } from 'node:timers/promises';
import { hasMagicWord } from '../../sandbox/magic-prompts.ts';
import { drawingSeconds } from '../../sandbox/outcome.ts';
import { secondMs } from '../../time.ts';
import type {
  ImageFailure,
  ImageProvider,
  ImageRequest,
  ImageSize,
  MadeImage,
  MadeImages,
} from '../image-provider.ts';
import { refusedContent } from '../images/refusal.ts';

/** A function that waits for an answer ends before this. */
const maxSeconds = 280;
const busySeconds = 2;

/** Draws what the prompt says, as far as letters go; `plan` is the real provider's, so that it refuses the same. */
export const createSandboxImages = (name: string, { plan }: Pick<ImageProvider, 'plan'>): ImageProvider => ({
  name,
  plan(request, model) {
    const planned = plan(request, model);
    if (!planned.possible) return planned;
    const { prompt, n } = request;
    return {
      ...planned,
      notes: [...planned.notes, ...formatNotes(request)],
      order: { upstreamId: model.upstreamId, n, parameters: { prompt, ...sizeOf(request) } },
    };
  },
  async generate({ n, parameters }) {
    const prompt = String(parameters['prompt']);
    const [width, height] = [Number(parameters['width']), Number(parameters['height'])];
    await wait(Math.min(drawingSeconds(prompt), maxSeconds) * secondMs);
    return failureOf(prompt) ?? drawn(prompt, n, { width, height });
  },
});

const formatNotes = ({ outputFormat = 'png', background }: ImageRequest): string[] => [
  ...(outputFormat === 'png' ? [] : [`drawn as png for a test key, not as ${outputFormat}`]),
  ...(background === 'transparent' ? ['drawn on an opaque background for a test key'] : []),
];

const failureOf = (prompt: string): ImageFailure | undefined => {
  const detail = 'the sandbox, as the prompt says';
  if (hasMagicWord(prompt, 'lost')) return { status: 'unclear', detail };
  if (hasMagicWord(prompt, 'busy')) return { status: 'busy', detail, retryAfterSeconds: busySeconds };
  if (hasMagicWord(prompt, 'refused')) return refusedContent('[refused]');
  return hasMagicWord(prompt, 'fail') ? { status: 'failed', detail } : undefined;
};

const drawn = async (prompt: string, n: number, { width, height }: ImageSize): Promise<MadeImages> => {
  // Read only where it is wanted: every function's start would read it otherwise.
  const { makePng } = await import('../../sandbox/media/png.ts');
  const imageOf = (number: number): MadeImage => {
    const text = n === 1 ? prompt : `${prompt} (${number} of ${n})`;
    return { base64: makePng({ width, height, text }).toString('base64') };
  };
  const others = Array.from({ length: n - 1 }, (_, index) => imageOf(index + 2));
  const text_tokens = Math.ceil(prompt.length / 4);
  const output_tokens = tokensPerImage * n;
  return {
    status: 'made',
    images: [imageOf(1), ...others],
    usage: {
      input_tokens: text_tokens,
      input_tokens_details: { text_tokens, image_tokens: 0 },
      output_tokens,
      total_tokens: text_tokens + output_tokens,
    },
    drawnAs: { size: `${width}x${height}`, output_format: 'png' },
  };
};

const tokensPerImage = 1_056;

const defaultSide = 1_024;
const sides = { '1k': 1_024, '2k': 2_048, '4k': 3_840 };

/** The size that was asked for, or one of the shape and fineness that was. */
const sizeOf = ({ size: asked, aspectRatio, resolution }: ImageRequest): ImageSize => {
  if (asked !== undefined) return asked;
  const long = resolution === undefined ? defaultSide : sides[resolution];
  const [across = 1, down = 1] = (aspectRatio ?? '1:1').split(':').map(Number);
  return across > down
    ? { width: long, height: Math.round((long * down) / across) }
    : { width: Math.round((long * across) / down), height: long };
};
