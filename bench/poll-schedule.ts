import { defaultSpread } from '../lib/videos/poll-schedule.ts';
import { optimum, play, type Schedule } from './support/poll-schedules.ts';
import { print } from './support/print.ts';
import { expectedAfter, projectSchedule, rendersInTurn } from './support/project-schedule.ts';
import { createLuck, type Distribution, distributions, rendersOf } from './support/renders.ts';
import { mean, quantile } from './support/statistics.ts';
import { type Cell, printTable } from './support/table.ts';
import { followRender } from './support/webhook-render.ts';

export const about = "polls a task and delay of the project's schedule, beside the best possible (P3)";

const renderCount = 20_000;
/** What the catalogue says of the model most used. */
const catalogueSeconds = 75;
const learnedFrom = [0, 5, 10, 20, 50, 100, 1_000];
/** Each learns from the renders in another order. */
const deployments = 20;
/** The optimum of each takes a search. */
const renderCountToLearn = 2_000;

const every =
  (seconds: number): Schedule =>
  (_, lastAtSeconds) =>
    lastAtSeconds + seconds;
const backOff: Schedule = (poll, lastAtSeconds) => lastAtSeconds + Math.ceil(5 * 1.5 ** poll);

const reportSchedules = (distribution: Distribution) => {
  const renders = rendersOf(distribution, renderCount);
  const { medianSeconds, spread } = distribution;
  const ours = (medianFactor: number, believedSpread?: number) =>
    projectSchedule({
      typicalSeconds: medianSeconds * medianFactor,
      ...(believedSpread !== undefined && { renderSpread: believedSpread }),
    });
  const schedules: [string, Schedule][] = [
    ["the project's, median and spread known", ours(1, spread)],
    ['its median believed a third less', ours(0.67, spread)],
    ['its median believed half as much again', ours(1.5, spread)],
    ['its spread believed half', ours(1, spread * 0.5)],
    ['its spread believed twice', ours(1, spread * 2)],
    ['its median known, its spread as usual', ours(1)],
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
};

/** How the schedule fares once it has learned from so many tasks, over some deployments. */
const reportLearning = (distribution: Distribution): Cell[][] => {
  const renders = rendersOf(distribution, renderCountToLearn);
  const longest = learnedFrom.at(-1) ?? 0;
  const learned = Array.from({ length: deployments }, (_, seed) =>
    expectedAfter(rendersInTurn(distribution, longest, seed), catalogueSeconds, learnedFrom),
  );
  return learnedFrom.map((count, index) => {
    const figures = learned.flatMap((each) => {
      const expected = each[index];
      if (expected === undefined) return [];
      const { polls, meanDelay } = play(projectSchedule(expected), renders);
      return [{ ...expected, polls, times: meanDelay / optimum(renders, polls).meanDelay }];
    });
    return [
      distribution.name,
      count,
      mean(figures.map(({ typicalSeconds }) => typicalSeconds)),
      mean(figures.map(({ renderSpread = defaultSpread }) => renderSpread)),
      mean(figures.map(({ polls }) => polls)),
      mean(figures.map(({ times }) => times)),
      Math.max(...figures.map(({ times }) => times)),
    ];
  });
};

const webhookCases = [
  { name: 'no webhooks', told: [], lost: 1 },
  ...[0, 0.02, 0.1].flatMap((lost) => [
    { name: 'a webhook for each change', told: ['queued', 'running', 'ended'], lost },
    { name: 'none that it is queued', told: ['running', 'ended'], lost },
  ]),
];

/** What the provider's webhooks save, and what a lost one costs. */
const reportPushes = ({ name, medianSeconds, spread }: Distribution, renders: Float64Array) => {
  const rows = webhookCases.map(({ name: webhooks, told, lost }): Cell[] => {
    const jitter = createLuck(1);
    const expected = { typicalSeconds: medianSeconds, renderSpread: spread };
    const followed = Array.from(renders, (seconds) =>
      followRender(seconds, expected, (change) => jitter() >= lost && told.includes(change)),
    );
    const delays = followed.map(({ delaySeconds }) => delaySeconds);
    return [
      webhooks,
      `${lost * 100} %`,
      mean(followed.map(({ queries }) => queries)),
      mean(followed.map(({ messages }) => messages)),
      mean(delays),
      ...[0.5, 0.95, 0.99].map((share) => quantile(delays, share)),
    ];
  });
  printTable(
    `With webhooks a second after each change, ${name}`,
    ['webhooks', 'lost', 'queries/task', 'messages/task', 'mean delay s', 'p50 s', 'p95 s', 'p99 s'],
    rows,
  );
};

export default async (): Promise<void> => {
  for (const distribution of distributions) reportSchedules(distribution);
  printTable(
    `Learned by the project from its own polls; the catalogue says ${catalogueSeconds} s; ${deployments} deployments`,
    ['renders', 'tasks', 'median s', 'spread', 'polls/task', '× optimum', 'the worst'],
    distributions.flatMap(reportLearning),
  );
  for (const distribution of distributions) reportPushes(distribution, rendersOf(distribution, renderCount));
  print(`\n${renderCount} renders each; the optimum knows the distribution and takes as many polls.`);
};
