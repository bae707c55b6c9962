import { secondMs } from '../time.ts';

/** `Date.parse` takes "120" for a year and "-5" for a month, so a date has to look like one of HTTP's (RFC 9110 §5.6.7). */
const httpDate = /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/;

/** How long the receiver wants to be left alone; `undefined` if it does not say so in a form that HTTP knows. */
export const retryAfterMs = (header: string | undefined, nowMs: number): number | undefined => {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * secondMs;
  // HTTP's oldest form of a date names no zone, and means GMT.
  const atMs = httpDate.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
};
