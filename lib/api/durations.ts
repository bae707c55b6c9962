import type { Durations } from '../callbacks/attempt-timing.ts';

/** How long each stage of a callback took, in milliseconds; `null` for one that was not needed or not reached. */
export const durationsOnWire = ({ dns, connect, tls, firstByte, total }: Durations) => ({
  dns: dns ?? null,
  connect: connect ?? null,
  tls: tls ?? null,
  first_byte: firstByte ?? null,
  total,
});
