import * as z from 'zod/mini';
import type { Problem } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { secondMs } from '../time.ts';
import type { ImageModel } from './model.ts';
import type { Traits } from './prices.ts';

export const imageQualities = ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
/** OpenAI's scale; `standard` and `hd` of the older dialect are `medium` and `high` on it. */
export type ImageQuality = (typeof imageQualities)[number];

const imageSize = z.object({ width: z.number(), height: z.number() });
export type ImageSize = z.infer<typeof imageSize>;

/** What the caller wants: read and checked, in OpenAI's terms. What is absent is left to the provider. */
export const imageRequest = z.object({
  prompt: z.string(),
  n: z.number(),
  size: z.exactOptional(imageSize),
  quality: z.exactOptional(z.enum(imageQualities)),
  user: z.exactOptional(z.string()),
  background: z.exactOptional(z.enum(['auto', 'transparent', 'opaque'])),
  outputFormat: z.exactOptional(z.enum(['png', 'jpeg', 'webp'])),
  /** Percent. */
  outputCompression: z.exactOptional(z.number()),
  moderation: z.exactOptional(z.enum(['auto', 'low'])),
  /** `width:height`; where there is a size as well, they agree. */
  aspectRatio: z.exactOptional(z.string()),
  resolution: z.exactOptional(z.enum(['1k', '2k', '4k'])),
});
export type ImageRequest = z.infer<typeof imageRequest>;

/**
 * High quality takes two minutes and more; a provider that needs longer than this has lost the request. `fetch` itself
 * waits 300 s for an answer to begin.
 */
export const imageDeadlineMs = 290 * secondMs;

/** The same in the provider's own field names and types. */
export type ImageOrder = {
  upstreamId: string;
  n: number;
  /** How long the provider is given, if less than `imageDeadlineMs`. */
  deadlineMs?: number;
  parameters: JsonObject;
  /** What the price of an image depends on. */
  traits?: Traits;
};

/** `notes` say in plain ASCII what of the request is not honoured, or only roughly. */
export type ImagePlan =
  | { possible: true; order: ImageOrder; notes: readonly string[] }
  | { possible: false; problems: readonly Problem[] };

export type MadeImage = {
  base64: string;
  /** What the provider made of the prompt, where it says. */
  revisedPrompt?: string;
};

type TokenDetails = { text_tokens: number; image_tokens: number };

/** In OpenAI's field names, as the wire has them. */
export type ImageUsage = {
  input_tokens: number;
  input_tokens_details: TokenDetails;
  output_tokens: number;
  output_tokens_details?: TokenDetails;
  total_tokens: number;
};

/** How the images were drawn, as the provider says, in OpenAI's field names. */
export type DrawnAs = { [Name in 'size' | 'quality' | 'background' | 'output_format']?: string };

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
  /** Credentials, arrears: somebody must act. `exhausted`: the account is good, but out of credits, budget or billing. */
  | { status: 'operator-fault'; detail: string; exhausted?: boolean };

export type MadeImages = {
  status: 'made';
  images: readonly [MadeImage, ...MadeImage[]];
  usage?: ImageUsage;
  drawnAs?: DrawnAs;
  /** What the provider says that it charged. */
  chargedMicroUsd?: number;
};

/** `someUnclear`: of several calls at least one had no clear answer, and may have made and charged an image beside. */
export type ImageOutcome = (MadeImages | ImageFailure) & { someUnclear?: true };

/** Opens a link of a provider's answer. Rejects for one that leads where nothing may be fetched. */
export type OpenLink = (link: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

/** An upstream service that makes images while one waits. */
export type ImageProvider = {
  readonly name: string;
  /** Puts the request into the provider's words, or says what this model cannot do. Calls nobody. */
  plan(request: ImageRequest, model: ImageModel): ImagePlan;
  /** Orders the images once and waits for all of them. Does not throw for what the provider does. */
  generate(order: ImageOrder): Promise<ImageOutcome>;
};

/** Those that a deployment has an account with, by their names. */
export type ImageProviders = Readonly<Record<string, ImageProvider>>;
