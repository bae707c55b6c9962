const units = [
  { name: 'day', seconds: 86_400 },
  { name: 'hour', seconds: 3_600 },
  { name: 'minute', seconds: 60 },
  { name: 'second', seconds: 1 },
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** "3 minutes ago", "in 2 hours". */
export const relativeTime = (atSeconds: number, nowMs: number): string => {
  const seconds = Math.round(atSeconds - nowMs / 1_000);
  if (Math.abs(seconds) < 5) return 'now';
  const unit = units.find((each) => Math.abs(seconds) >= each.seconds) ?? units[3];
  return relative.format(Math.trunc(seconds / unit.seconds), unit.name);
};

export const exactTime = (atSeconds: number): string => exact.format(atSeconds * 1_000);

export const duration = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

export const milliseconds = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

/** The wire's decimal text, never through a float. */
export const dollars = (usd: string | null): string => (usd === null ? 'not known' : `$${usd}`);
