/** When polls happen, in seconds from the submission; told how many came before and when the last one was. */
export type Schedule = (poll: number, lastAtSeconds: number) => number;

type Figures = { polls: number; meanDelay: number; p95Delay: number; p99Delay: number };

/** Looks at every render until it has ended. */
export const play = (schedule: Schedule, renders: Float64Array): Figures => {
  const delays = new Float64Array(renders.length);
  let polls = 0;
  renders.forEach((render, index) => {
    let at = 0;
    for (let poll = 0; at < render; poll += 1) {
      at = schedule(poll, at);
      polls += 1;
    }
    delays[index] = at - render;
  });
  delays.sort();
  const at = (share: number) => delays[Math.floor(share * delays.length)] ?? Number.NaN;
  const total = delays.reduce((sum, delay) => sum + delay, 0);
  return {
    polls: polls / renders.length,
    meanDelay: total / renders.length,
    p95Delay: at(0.95),
    p99Delay: at(0.99),
  };
};

/** How many renders last longer than each whole second, and the seconds that they have lasted longer in all. */
const survivalOf = (renders: Float64Array) => {
  const sorted = renders.toSorted();
  const seconds = Math.ceil(sorted.at(-1) ?? 0) + 1;
  const running = new Float64Array(seconds + 1);
  const ended = new Float64Array(seconds + 1);
  let index = 0;
  let endedSum = 0;
  for (let second = 0; second <= seconds; second += 1) {
    for (; (sorted[index] ?? Number.POSITIVE_INFINITY) <= second; index += 1) endedSum += sorted[index] ?? 0;
    running[second] = (sorted.length - index) / sorted.length;
    ended[second] = endedSum / sorted.length;
  }
  return { seconds, running, ended };
};
type Survival = ReturnType<typeof survivalOf>;

/** Polls further apart than this are never worth it, and the search would be slower. */
const widestGap = 600;

/** The best poll times if a second of delay costs as much as `price` polls: a shortest path over whole seconds. */
const bestTimes = ({ seconds, running, ended }: Survival, price: number): number[] => {
  const cost = new Float64Array(seconds + 1).fill(Number.POSITIVE_INFINITY);
  const next = new Int32Array(seconds + 1);
  cost[seconds] = 0;
  for (let from = seconds - 1; from >= 0; from -= 1) {
    const stillRunning = running[from] ?? 0;
    for (let to = from + 1; to <= Math.min(seconds, from + widestGap); to += 1) {
      const endedBetween = stillRunning - (running[to] ?? 0);
      const delay = to * endedBetween - ((ended[to] ?? 0) - (ended[from] ?? 0));
      const whole = stillRunning + price * delay + (cost[to] ?? 0);
      if (whole < (cost[from] ?? 0)) {
        cost[from] = whole;
        next[from] = to;
      }
    }
  }
  const times: number[] = [];
  for (let at = 0; at < seconds; ) {
    at = next[at] ?? seconds;
    times.push(at);
  }
  return times;
};

const follow =
  (times: readonly number[]): Schedule =>
  (poll, lastAt) =>
    times[poll] ?? lastAt + widestGap;

/** The best schedule that takes no more polls a task than this: nobody who must decide beforehand can do better. */
export const optimum = (renders: Float64Array, polls: number): Figures => {
  const survival = survivalOf(renders);
  let [cheap, dear] = [1e-4, 10];
  for (let step = 0; step < 24; step += 1) {
    const middle = Math.sqrt(cheap * dear);
    if (play(follow(bestTimes(survival, middle)), renders).polls > polls) dear = middle;
    else cheap = middle;
  }
  return play(follow(bestTimes(survival, cheap)), renders);
};
