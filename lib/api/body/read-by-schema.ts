import type * as z from 'zod/mini';
import type { Problem } from '../../errors.ts';
import { fieldProblems } from '../../field-problems.ts';
import type { JsonObject } from '../../json.ts';

/** Reads a body against a schema whose messages are made for the caller. */
export const readBySchema = <T>(
  schema: z.ZodMiniType<T>,
  body: JsonObject,
): { value: T; problems: [] } | { value: undefined; problems: Problem[] } => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { value: parsed.data, problems: [] };
  return { value: undefined, problems: fieldProblems(parsed.error.issues, body) };
};
