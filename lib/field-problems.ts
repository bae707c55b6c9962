import type * as z from 'zod/mini';
import type { Problem } from './errors.ts';
import type { Json } from './json.ts';

/**
 * What a schema found wrong with `value`, by the places in it as they stand on the wire, below `field`. A value of the
 * wrong type is told of once: it has no length, and no bounds.
 */
export const fieldProblems = (
  issues: readonly z.core.$ZodIssue[],
  value: Json | undefined,
  field = '',
): Problem[] => {
  const ofType = new Set(issues.filter(isOfType).map(({ path }) => wirePath(path)));
  return issues
    .filter((issue) => isOfType(issue) || !ofType.has(wirePath(issue.path)))
    .map((issue) => ({ param: wirePath(issue.path, field), message: messageOf(issue, value) }));
};

/** A place within a value as a caller writes it: `image_list[1].image_url`. */
export const wirePath = (path: readonly PropertyKey[], before = ''): string =>
  path.reduce<string>((place, key) => {
    if (typeof key === 'number') return `${place}[${key}]`;
    return place === '' ? String(key) : `${place}.${String(key)}`;
  }, before);

const isOfType = ({ code }: z.core.$ZodIssue): boolean => code === 'invalid_type';

const messageOf = (issue: z.core.$ZodIssue, value: Json | undefined): string => {
  if (issue.code !== 'invalid_type') return issue.message;
  return textProblem(valueAt(value, issue.path), issue.expected) ?? issue.message;
};

/** Form encoders, and people who template JSON, write a list or an object as text. */
export const textProblem = (given: unknown, expected: string): string | undefined => {
  const container = containers[expected];
  return container !== undefined &&
    typeof given === 'string' &&
    given.trimStart().startsWith(container.opening)
    ? `must be ${container.name} itself, not text that holds one: leave out the quotes around it.`
    : undefined;
};

const containers: Record<string, { name: string; opening: string }> = {
  array: { name: 'a list', opening: '[' },
  object: { name: 'an object', opening: '{' },
};

const valueAt = (value: Json | undefined, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
