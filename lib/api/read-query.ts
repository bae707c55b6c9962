import { invalidRequest, type Problem } from '../errors.ts';
import type { ApiContext } from './context.ts';

export const defaultLimit = 20;
export const maxLimit = 100;

/**
 * The parameters of a query, each at most once; one that is empty counts as left out.
 *
 * @throws ApiError 400 for a parameter that is repeated or not among `names`: ignored, it would give another list than
 * the one that was asked for.
 */
export const readQuery = <Name extends string>(
  c: ApiContext,
  names: readonly Name[],
): { [name in Name]?: string } => {
  const given = Object.entries(c.req.queries());
  const problems = given.flatMap(([name, values]) => queryProblems(name, values, names));
  if (problems.length > 0) throw invalidRequest(problems);
  // Every name was just found among those of the type.
  return Object.fromEntries(
    given.flatMap(([name, [value = '']]) => (value === '' ? [] : [[name, value]])),
  ) as { [name in Name]?: string };
};

const queryProblems = (name: string, values: readonly string[], names: readonly string[]): Problem[] => {
  if (!names.includes(name))
    return [
      {
        param: name,
        message: `is no parameter here; there ${names.length > 1 ? 'are' : 'is'} ${names.join(', ')}.`,
      },
    ];
  return values.length > 1
    ? [{ param: name, message: 'stands in the query more than once; give it once.' }]
    : [];
};

/** How many items a page may have at most. Says what is wrong with another value. */
export const readLimit = (text = String(defaultLimit)): { limit: number; problems: Problem[] } => {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= maxLimit
    ? { limit, problems: [] }
    : { limit, problems: [{ param: 'limit', message: `must be a whole number from 1 to ${maxLimit}.` }] };
};
