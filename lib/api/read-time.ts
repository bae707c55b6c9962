import type { Json } from '../json.ts';
import { isUtcDay, secondMs } from '../time.ts';

/** The plus of a zone as it arrives when it stands in a query as it is. */
const unencodedPlus = / (?=\d{2}:\d{2}$)/;

/** Unix seconds, as a number or its digits, or ISO 8601 with its zone. Not a number if it is neither. */
export const readTime = (value: Json | undefined): number => {
  if (typeof value === 'number') return value * secondMs;
  if (typeof value !== 'string') return Number.NaN;
  if (/^\d{1,15}$/.test(value)) return Number(value) * secondMs;
  const text = value.replace(unencodedPlus, '+');
  const [, day] = /^(\d{4}-\d{2}-\d{2})T.*(?:Z|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  return day !== undefined && isUtcDay(day) ? Date.parse(text) : Number.NaN;
};

const timeForm = 'must be a time in Unix seconds or as text such as "2026-11-22T09:30:00Z"';
/** No time of these years in seconds is that large, and every one in milliseconds is. */
const isInMilliseconds = (timeMs: number): boolean => timeMs > 1e11 * secondMs;

/** What is wrong with a time that was read, if anything. */
export const timeProblem = (timeMs: number, isOptional: boolean): string | undefined => {
  if (Number.isNaN(timeMs)) return `${timeForm}${isOptional ? ', or left out' : ''}.`;
  return isInMilliseconds(timeMs)
    ? 'must be in seconds; this looks like milliseconds. Divide it by 1000.'
    : undefined;
};
