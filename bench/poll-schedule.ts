import { nextPoll } from '../lib/tasks/poll-schedule.ts';
import { optimum, play, type Schedule } from './support/poll-schedules.ts';
import { print } from './support/print.ts';
import { printTable } from './support/table.ts';

export const about = "polls a task and delay of the project's schedule, beside the best possible";

const renderCount = 20_000;
/** How far the logarithms of render times spread. */
const spreadOf = (medianSeconds: number, p95Seconds: number) => Math.log(p95Seconds / medianSeconds) / 1.645;

type Distribution = { name: string; medianSeconds: number; spread: number };
const distributions: Distribution[] = [
  { name: 'median 60 s, p95 180 s', medianSeconds: 60, spread: spreadOf(60, 180) },
  { name: 'narrow: median 60 s, p95 90 s', medianSeconds: 60, spread: spreadOf(60, 90) },
  { name: 'slow: median 150 s, p95 400 s', medianSeconds: 150, spread: spreadOf(150, 400) },
];

/** Log-normal render times at equal steps of probability, so that no run differs from another. */
const rendersOf = ({ medianSeconds, spread }: Distribution): Float64Array =>
  Float64Array.from(
    { length: renderCount },
    (_, index) => medianSeconds * Math.exp(spread * normalQuantile((index + 0.5) / renderCount)),
  );

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

/** The schedule that the poller follows, with delays in whole seconds as SQS has them. */
const ours = (typicalSeconds: number): Schedule => {
  const task = { submittedAtMs: 0, typicalSeconds };
  let lastPlanned = -1;
  return (poll, lastAtSeconds) => {
    const plan = nextPoll(task, poll === 0 ? 0 : lastPlanned + 1, lastAtSeconds * 1_000);
    lastPlanned = plan.poll;
    return lastAtSeconds + Math.ceil(plan.atMs / 1_000 - lastAtSeconds);
  };
};

const every =
  (seconds: number): Schedule =>
  (_, lastAtSeconds) =>
    lastAtSeconds + seconds;
const backOff: Schedule = (poll, lastAtSeconds) => lastAtSeconds + Math.ceil(5 * 1.5 ** poll);

export default async (): Promise<void> => {
  for (const distribution of distributions) {
    const renders = rendersOf(distribution);
    const { medianSeconds } = distribution;
    const schedules: [string, Schedule][] = [
      ["the project's", ours(medianSeconds)],
      ['its median believed a third less', ours(medianSeconds * 0.67)],
      ['its median believed half as much again', ours(medianSeconds * 1.5)],
      ['every 15 s', every(15)],
      ['every 60 s (cron)', every(60)],
      ['5 s, then × 1.5', backOff],
    ];
    const rows = schedules.map(([name, schedule]) => {
      const { polls, meanDelay, p95Delay, p99Delay } = play(schedule, renders);
      const best = optimum(renders, polls);
      return [name, polls, meanDelay, p95Delay, p99Delay, best.meanDelay, meanDelay / best.meanDelay];
    });
    printTable(
      distribution.name,
      ['schedule', 'polls/task', 'mean delay s', 'p95 s', 'p99 s', 'optimum s', '× optimum'],
      rows,
    );
  }
  print(`\n${renderCount} renders each; the optimum knows the distribution and takes as many polls.`);
};
