type Planned = { atMs: number; order: number; run: () => void };

/** Time that passes only when the next thing that was planned happens. */
export type VirtualTime = {
  nowMs(): number;
  /** Plans something; what is planned for the same moment happens in the order of planning. */
  at(atMs: number, run: () => void): void;
  after(delayMs: number, run: () => void): void;
  /** Lets the next thing happen and everything that follows from it without delay. `false`: nothing is planned. */
  step(): Promise<boolean>;
};

/** All promises that can be settled are, once the event loop comes round. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export const createVirtualTime = (startMs: number): VirtualTime => {
  /** Latest first, so that the next one is taken from the end. */
  const planned: Planned[] = [];
  let nowMs = startMs;
  let order = 0;

  const comesAfter = (one: Planned, other: Planned): boolean =>
    one.atMs === other.atMs ? one.order > other.order : one.atMs > other.atMs;

  const at = (atMs: number, run: () => void): void => {
    order += 1;
    const entry = { atMs: Math.max(nowMs, atMs), order, run };
    let place = planned.length;
    while (place > 0 && comesAfter(entry, planned[place - 1] as Planned)) place -= 1;
    planned.splice(place, 0, entry);
  };

  return {
    nowMs: () => nowMs,
    at,
    after: (delayMs, run) => at(nowMs + delayMs, run),
    async step() {
      const next = planned.pop();
      if (next === undefined) return false;
      nowMs = next.atMs;
      next.run();
      await settled();
      return true;
    },
  };
};
