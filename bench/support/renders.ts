/** Render times of one kind, log-normal: half of them take longer than the median, one in twenty longer than the p95. */
export type Distribution = { name: string; medianSeconds: number; spread: number };

/** How far the logarithms of render times spread. */
const spreadOf = (medianSeconds: number, p95Seconds: number) => Math.log(p95Seconds / medianSeconds) / 1.645;

export const distributions: Distribution[] = [
  { name: 'median 60 s, p95 180 s', medianSeconds: 60, spread: spreadOf(60, 180) },
  { name: 'narrow: median 60 s, p95 90 s', medianSeconds: 60, spread: spreadOf(60, 90) },
  { name: 'slow: median 150 s, p95 400 s', medianSeconds: 150, spread: spreadOf(150, 400) },
];

/** Render times at equal steps of probability, so that no run differs from another. */
export const rendersOf = ({ medianSeconds, spread }: Distribution, count: number): Float64Array =>
  Float64Array.from(
    { length: count },
    (_, index) => medianSeconds * Math.exp(spread * normalQuantile((index + 0.5) / count)),
  );

/** The same render times in an order that chance gives, the same for each seed. */
export const shuffled = (renders: Float64Array, seed: number): Float64Array => {
  const jitter = createLuck(seed);
  const mixed = renders.slice();
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(jitter() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] ?? 0, mixed[last] ?? 0];
  }
  return mixed;
};

/** Numbers from 0 to 1 (mulberry32). */
export const createLuck = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Where the normal distribution reaches a share, by halving. */
const normalQuantile = (share: number): number => {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return low;
};

/** Abramowitz and Stegun, 26.2.17. */
const normalShare = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return z > 0 ? 1 - tail : tail;
};
