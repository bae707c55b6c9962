import * as z from 'zod/mini';
import type { Problem } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { videoEventTypes } from '../tasks/task.ts';

const shortestExpirySeconds = 60;
const longestExpirySeconds = 86_400;
const expiry = `must be a whole number of seconds from ${shortestExpirySeconds} to ${longestExpirySeconds}.`;

/** JSON clients often write what they leave out as null. */
export const optional = <T>(schema: z.ZodMiniType<T>) =>
  z.pipe(
    z.optional(z.nullable(schema)),
    z.transform((value) => value ?? undefined),
  );

const anything = z.optional(z.custom<Json>());

/**
 * The seed's `VideoGenerationRequest` and what this gateway adds to it. `prompt`, `image` and `metadata` are read
 * by the rules of the model. Other fields are ignored.
 */
export const videoBody = z.object({
  model: z.string('must be the id of a video model, such as "kling/kling-v3-omni".'),
  prompt: anything,
  image: anything,
  metadata: anything,
  callback_url: optional(z.string('must be a URL.')),
  callback_events: optional(
    z
      .array(
        z.enum(videoEventTypes, `must be one of ${videoEventTypes.join(', ')}.`),
        'must be a list of event types.',
      )
      .check(z.minLength(1, 'must name at least one event, or be left out.')),
  ),
  expires_after: optional(
    z.int(expiry).check(z.minimum(shortestExpirySeconds, expiry), z.maximum(longestExpirySeconds, expiry)),
  ),
});

/** Reads a body against a schema whose messages are made for the caller. */
export const readBody = <T>(
  schema: z.ZodMiniType<T>,
  body: JsonObject,
): { value: T; problems: [] } | { value: undefined; problems: Problem[] } => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { value: parsed.data, problems: [] };
  const problems = parsed.error.issues.map(({ path, message }) => ({ param: wirePath(path), message }));
  return { value: undefined, problems };
};

const wirePath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((before, key) => {
    if (typeof key === 'number') return `${before}[${key}]`;
    return before === '' ? String(key) : `${before}.${String(key)}`;
  }, '');
