import { eventSources, sweepIntervalSeconds } from '../lib/limits.ts';
import { costOf, type Row } from './support/bill.ts';
import { countSteps, type Step, taskCount } from './support/counted-steps.ts';
import { otherDesigns, perMillion } from './support/other-designs.ts';
import { prices } from './support/prices.ts';
import { print } from './support/print.ts';
import { sum } from './support/statistics.ts';
import { type Cell, printTable } from './support/table.ts';

export const about = 'what a million video tasks cost, by counting what one takes (P5)';

const secondsPerMonth = 30 * 86_400;
/** A setting (`pollWindowSeconds`), which is 0 unless chosen. */
const pollWindowSeconds = 2;
const usedShare = 0.7;

/** How many messages an invocation is given on average, if one poller takes them all. */
const messagesPerInvocation = (messagesPerTask: number, tasksPerMonth: number, windowSeconds: number) => {
  const { batchSize } = eventSources.polls;
  const expected = ((messagesPerTask * tasksPerMonth) / secondsPerMonth) * windowSeconds;
  // The first opens the window; the others come as a Poisson process does.
  let mean = batchSize;
  let share = Math.exp(-expected);
  for (let others = 0; others < batchSize - 1; others += 1) {
    mean -= share * (batchSize - 1 - others);
    share *= expected / (others + 1);
  }
  return mean;
};

export default async () => {
  const { idleSweep, polled, byWebhooks, taskBytes } = await countSteps();
  reportCounts('polls alone', polled);
  reportWrites('polls alone', polled);
  reportCounts('a webhook for each change', byWebhooks);
  reportCost(polled, byWebhooks);
  reportStorage(taskBytes);
  reportSweep(idleSweep);
};

const reportCounts = (found: string, steps: Step[]) =>
  printTable(
    `Counted on the embedded stack, mean of ${taskCount} tasks with a callback; ${found}`,
    ['step', 'per task', 'write units', 'read units', 'SQS requests', 'log bytes', 'log lines'],
    steps.map(({ name, perTask, counts }) => [
      name,
      perTask,
      counts.writes,
      counts.reads,
      counts.queueRequests,
      counts.logBytes,
      counts.logLines,
    ]),
  );

/** Which item or index the write units of a task go to. */
const reportWrites = (found: string, steps: Step[]) => {
  const counted = steps.filter(({ perTask }) => perTask > 0);
  const whats = [...new Set(counted.flatMap(({ counts }) => Object.keys(counts.writesOf)))];
  const row = (name: string, writes: (what: string) => number): Cell[] => {
    const units = whats.map(writes);
    return [name, ...units, sum(units)];
  };
  printTable(
    `Write units a task, by what they are for; ${found}`,
    ['step', ...whats, 'together'],
    [
      ...counted.map(({ name, perTask, counts }) =>
        row(name, (what) => perTask * (counts.writesOf[what] ?? 0)),
      ),
      row('a task', (what) =>
        sum(counted.map(({ perTask, counts }) => perTask * (counts.writesOf[what] ?? 0))),
      ),
    ],
  );
};

const reportCost = (polled: Step[], byWebhooks: Step[]) => {
  const others = otherDesigns();
  const floor = others[0]?.total ?? 1;
  const sharing = (steps: Step[]) =>
    messagesPerInvocation(
      sum(steps.filter(({ by }) => by === 'poll-video').map(({ perTask }) => perTask)),
      perMillion,
      pollWindowSeconds,
    );
  const batched = (steps: Step[]) => `polls in batches of ${sharing(steps).toFixed(1)}`;
  const provisioned = {
    perWriteUnit: prices.perWriteUnitHour / 3_600 / usedShare,
    perReadUnit: prices.perReadUnitHour / 3_600 / usedShare,
  };
  const rows: Row[] = [
    costOf('this gateway, polls alone', polled, {}),
    costOf(`the same, ${batched(polled)}`, polled, { sharing: sharing(polled) }),
    costOf(`the same, and provisioned capacity of which ${100 * usedShare} % is used`, polled, {
      sharing: sharing(polled),
      table: provisioned,
    }),
    costOf('this gateway, with webhooks', byWebhooks, {}),
    costOf(`the same, ${batched(byWebhooks)}`, byWebhooks, { sharing: sharing(byWebhooks) }),
    ...others,
  ];
  printTable(
    'Dollars per million video tasks: us-east-1 list prices, no free tier, idle costs left out',
    [
      'design',
      'Lambda',
      'DynamoDB',
      'SQS',
      'logs',
      'Step Functions',
      'total',
      '× floor',
      'share of Step Functions',
    ],
    rows.map((row): Cell[] => [
      row.name,
      row.lambda,
      row.table,
      row.queues,
      row.logs,
      row.transitions ?? 0,
      row.total,
      row.total / floor,
      `1/${((others.at(-1)?.total ?? 0) / row.total).toFixed(1)}`,
    ]),
  );
};

/** Beside the task: its place in two indexes, and the log of its delivery. */
const otherBytes = 2 * 250 + 550;
/** DynamoDB adds to each item. */
const overheadBytes = 100;

const reportStorage = (taskBytes: number) => {
  const gb = ((taskBytes + overheadBytes + otherBytes) * perMillion) / 1e9;
  printTable(
    'Kept for 30 days, at a million tasks a month',
    ['', ''],
    [
      ['bytes of a task that has ended', taskBytes],
      ['GB in the table', gb],
      ['dollars a month, with point-in-time recovery', gb * (prices.perTableGb + prices.perRecoveryGb)],
    ],
  );
};

const reportSweep = (sweep: Step) => {
  const sweeps = secondsPerMonth / sweepIntervalSeconds;
  const { total } = costOf(sweep.name, [{ ...sweep, perTask: sweeps / perMillion }], {});
  const { reads, logBytes } = sweep.counts;
  print(
    `\nThe sweep while nothing is due: ${reads} read units and ${logBytes} log bytes each minute, $${total.toFixed(2)} a month`,
  );
};
