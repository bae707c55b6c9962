/** Draws everything that a run leaves to chance from one number, so that a run can be repeated. */
export type Randomness = {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number of both ends and all between. */
  between(least: number, most: number): number;
  /** Whether something happens that happens in so many of a thousand cases. */
  happens(perMille: number): boolean;
};

/** Mulberry32. */
export const createRandomness = (seed: number): Randomness => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    happens: (perMille) => perMille > 0 && next() * 1_000 < perMille,
  };
};
