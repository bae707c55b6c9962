import { formatUsd, parseMillionths } from './money.ts';

export const capPeriods = ['day', 'month'] as const;
export type CapPeriod = (typeof capPeriods)[number];

/** How much a workspace may spend in each day or month, in micro-dollars. */
export type Cap = { microUsd: number; per: CapPeriod };

const maxMicroUsd = 10_000_000_000_000;
const form = 'must be an amount and a period, such as 50/day or 1200.50/month';

/** Reads `50/day`. Answers words that follow the name of what was read where it is no cap. */
export const readCap = (text: string): Cap | string => {
  const [amount = '', per, ...more] = text.trim().split('/');
  if (per === undefined || more.length > 0) return `${form}.`;
  if (per !== 'day' && per !== 'month') return `${form}: the period is day or month, not "${per}".`;
  const microUsd = parseMillionths(amount);
  if (microUsd === undefined)
    return `${form}: the amount is a decimal number of dollars with at most six digits after the point.`;
  if (microUsd === 0) return 'must be more than 0. To stop a workspace altogether, disable its keys.';
  if (microUsd > maxMicroUsd) return `must be ${formatUsd(maxMicroUsd)} at most.`;
  return { microUsd, per };
};

/** The same text again. */
export const showCap = ({ microUsd, per }: Cap): string => `${formatUsd(microUsd)}/${per}`;
