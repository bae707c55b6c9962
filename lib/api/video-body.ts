import * as z from 'zod/mini';
import type { Json } from '../json.ts';
import { videoEventTypes } from '../tasks/delivery.ts';
import { wholeNumber } from '../whole-number.ts';
import { callbackFields } from './requested-callback.ts';

const minExpirySeconds = 60;
const maxExpirySeconds = 86_400;
const expiry = `must be a whole number of seconds from ${minExpirySeconds} to ${maxExpirySeconds}.`;

const anything = z.optional(z.custom<Json>());

/**
 * The seed's `VideoGenerationRequest` and what this gateway adds to it. `prompt`, `image` and `metadata` are read
 * by the rules of the model. Other fields are ignored.
 */
export const videoBody = z.object({
  model: z.string('must be the id of a video model; GET /v1/models lists them.'),
  prompt: anything,
  image: anything,
  metadata: anything,
  ...callbackFields(videoEventTypes),
  expires_after: z.optional(wholeNumber(minExpirySeconds, maxExpirySeconds, expiry)),
});
