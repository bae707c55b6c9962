import { dayMs, hourMs } from '../lib/time.ts';
import { UsageError } from './usage-error.ts';

const unitMs: Record<string, number> = { h: hourMs, d: dayMs, w: 7 * dayMs, y: 365 * dayMs };

/** ClearMaas lets a key live from one hour to one year. `12h`, `30d`, `4w`, `1y`. */
export const parseLifeTimeMs = (text: string): number => {
  const [, count, unit = ''] = /^(\d{1,5})([hdwy])$/.exec(text) ?? [];
  const lifeTimeMs = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (!(lifeTimeMs >= hourMs && lifeTimeMs <= 365 * dayMs))
    throw new UsageError(`"${text}" is not a life time. Give 1h to 1y, for example 12h, 30d or 4w.`);
  return lifeTimeMs;
};
