import type { CapPeriod } from '../cap.ts';
import { utcDay } from '../time.ts';

/** A day or month of UTC. */
export type BudgetPeriod = {
  /** `2026-11-26` or `2026-11`. */
  id: string;
  /** When the next one begins. */
  resetsAtMs: number;
};

/** The period in which a moment lies. */
export const periodAt = (per: CapPeriod, atMs: number): BudgetPeriod => {
  const at = new Date(atMs);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const day = utcDay(atMs);
  return per === 'day'
    ? { id: day, resetsAtMs: Date.UTC(year, month, at.getUTCDate() + 1) }
    : { id: day.slice(0, 'yyyy-mm'.length), resetsAtMs: Date.UTC(year, month + 1) };
};
