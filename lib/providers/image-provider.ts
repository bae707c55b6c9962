import type { Problem } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ImageModel, ImageQuality } from './image-models.ts';

export type ImageSize = { width: number; height: number };

/** What the caller wants: read and checked, in OpenAI's terms. What is absent is left to the provider. */
export type ImageRequest = {
  prompt: string;
  n: number;
  size?: ImageSize;
  quality?: ImageQuality;
  user?: string;
  background?: 'auto' | 'transparent' | 'opaque';
  outputFormat?: 'png' | 'jpeg' | 'webp';
  /** Percent. */
  outputCompression?: number;
  moderation?: 'auto' | 'low';
  /** `width:height`; where there is a size as well, they agree. */
  aspectRatio?: string;
  resolution?: '1k' | '2k' | '4k';
};

/** The same in the provider's own field names and types. */
export type ImageOrder = { upstreamId: string; n: number; parameters: JsonObject };

/** `notes` say in plain ASCII what of the request is not honoured, or only roughly. */
export type ImagePlan =
  | { possible: true; order: ImageOrder; notes: readonly string[] }
  | { possible: false; problems: readonly [Problem, ...Problem[]] };

/** Either `bytes` or `base64` can be read, once. Both throw {@link BrokenAnswerError} when the answer breaks off. */
export type MadeImage = {
  /** The image itself. */
  bytes: AsyncIterable<Uint8Array>;
  /** The image as base64, which may hold JSON's escapes: to be put between quotes as it is. */
  base64: AsyncIterable<Uint8Array>;
  /** What the provider made of the prompt, where it says; known once the image was read to its end. */
  revisedPrompt(): string | undefined;
};

/** In OpenAI's field names, as the wire has them. */
export type ImageUsage = { input_tokens: number; output_tokens: number; total_tokens: number };

export type ImageFailure =
  /** The caller's fault, in words that the caller may read. `moderation`: because of what is to be seen. */
  | { status: 'refused'; reason: string; moderation: boolean }
  /** Not taken now: come back. */
  | { status: 'busy'; detail: string; retryAfterSeconds?: number }
  /** The provider failed and says so, or was not reached at all. */
  | { status: 'failed'; detail: string }
  /** The answer was lost or cannot be read: the images may have been made, and paid for. */
  | { status: 'unclear'; detail: string }
  /** The provider no longer has the model, or not for this account. */
  | { status: 'model-gone'; detail: string }
  /** Credentials, arrears: somebody must act. `exhausted`: it is the budget, which the provider reports as 429. */
  | { status: 'operator-fault'; detail: string; exhausted?: boolean };

/** Images come one after the other and must be read in turn; an image that is not read is passed over. */
export type MadeImages = {
  status: 'made';
  images: AsyncIterable<MadeImage>;
  /** How many there will be, where that is known before they are read. */
  count?: number;
  /** Known once `images` was read to its end. */
  usage(): ImageUsage | undefined;
};

export type ImageOutcome = MadeImages | ImageFailure;

/** A provider's answer that ended too early or is not what the provider documents. */
export class BrokenAnswerError extends Error {
  override readonly name = 'BrokenAnswerError';
}

/** An upstream service that makes images while one waits. */
export type ImageProvider<Model extends ImageModel = ImageModel> = {
  readonly name: Model['provider'];
  /** Puts the request into the provider's words, or says what this model cannot do. Calls nobody. */
  plan(request: ImageRequest, model: Model): ImagePlan;
  /**
   * Orders the images once and waits until the first of them arrives. Does not throw for what the provider does,
   * until then; later it is the images that throw.
   */
  generate(order: ImageOrder): Promise<ImageOutcome>;
};
