import type { Problem } from '../errors.ts';
import { dayMs, isUtcDay, utcDay } from '../time.ts';
import { ledgerDays } from './ledger.ts';

/** Days in UTC as `YYYY-MM-DD`, both inclusive. */
export type DayRange = { from: string; to: string };
type Asked = { from?: string | undefined; to?: string | undefined };

const dayForm = 'must be a day such as 2026-11-26.';

const monthBegin = (day: string): string => `${day.slice(0, 'YYYY-MM'.length)}-01`;

/** The days that were asked for; what is left out comes from the current month. */
export const readDayRange = (
  asked: Asked,
  nowMs: number,
): { range: DayRange; problems?: never } | { problems: readonly Problem[] } => {
  const wrong = (['from', 'to'] as const).filter((name) => !isUtcDay(asked[name] ?? utcDay(nowMs)));
  if (wrong.length > 0) return { problems: wrong.map((param) => ({ param, message: dayForm })) };
  const { to = utcDay(nowMs) } = asked;
  const { from = monthBegin(to) } = asked;
  const problem = problemOf({ from, to });
  return problem === undefined ? { range: { from, to } } : { problems: [problem] };
};

const problemOf = ({ from, to }: DayRange): Problem | undefined => {
  if (to < from) return { param: 'to', message: `must not be before from, which is ${from}.` };
  const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  if (days <= ledgerDays) return undefined;
  return {
    param: 'from',
    message: `must be at most ${ledgerDays} days before to; these are ${days}. Ask for fewer at once.`,
  };
};

/** Those days of a range of which there can be entries, oldest first. */
export const daysWithEntries = ({ from, to }: DayRange, nowMs: number): string[] => {
  const firstMs = Math.max(Date.parse(from), Date.parse(utcDay(nowMs)) - ledgerDays * dayMs);
  // A day more, for what was accepted by a clock that is ahead.
  const lastMs = Math.min(Date.parse(to), Date.parse(utcDay(nowMs)) + dayMs);
  const count = Math.max(0, Math.floor((lastMs - firstMs) / dayMs) + 1);
  return Array.from({ length: count }, (_, index) => utcDay(firstMs + index * dayMs));
};
