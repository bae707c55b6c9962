import { readSettings } from '../cdk/settings.ts';
import { dueShards } from '../lib/tasks/dynamo-task-store.ts';
import { printTable } from './support/table.ts';

export const about = 'which settings serve 1, 10, 100 and 1,000 videos a second, computed (P8)';

const rates = [1, 10, 100, 1_000] as const;

/** What one video asks of each part. Durations as in `cost`, units counted there. */
const assumed = {
  submitSeconds: 0.8,
  pollsPerVideo: 3.6,
  /** Five queries side by side: batches fill up before pollers become scarce. */
  pollSeconds: 0.5,
  messagesPerPoll: 5,
  deliverSeconds: 0.3,
  /** An accept, and ten status requests of a client that polls as it is told. */
  apiSeconds: 0.05 + 10 * 0.02,
  dueIndexWrites: 6,
  tableWrites: 15.6,
  /** Measured at 256 MB; processor time grows with memory. */
  sweptPerSecondAnd256Mb: 70,
  sweepSecondsAMinute: 45,
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html */
const partitionWritesPerSecond = 1_000;
/** A new on-demand table, and the quota of one (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html). */
const newTableWritesPerSecond = 4_000;
const tableQuotaWritesPerSecond = 40_000;
/** Event sources follow a load with some delay. */
const headroom = 1.5;
/** Lambda takes no more for one event source. */
const maxConcurrency = 1_000;
const outageMinutes = 10;

/** Executions that one video a second keeps busy. */
const executions = {
  submitConcurrency: assumed.submitSeconds,
  pollConcurrency: (assumed.pollsPerVideo * assumed.pollSeconds) / assumed.messagesPerPoll,
  deliverConcurrency: assumed.deliverSeconds,
};

const settings = readSettings('bench', {}, 'bench');
const needed = (perVideo: number, rate: number) =>
  Math.min(maxConcurrency, Math.max(2, Math.ceil(perVideo * rate * headroom)));
const total = (rate: number) =>
  Object.values(executions).reduce((sum, perVideo) => sum + needed(perVideo, rate), 1) +
  Math.ceil(assumed.apiSeconds * rate * headroom);
const wokenPerMinute =
  (assumed.sweptPerSecondAnd256Mb * settings.sweepMemoryMb * assumed.sweepSecondsAMinute) / 256;

export default async (): Promise<void> => {
  const header = [
    '',
    'default',
    'serves, videos/s',
    ...rates.map((rate) => `at ${rate.toLocaleString('en-US')}/s`),
  ];
  printTable('What the settings must be, for so many videos a second', header, [
    ...Object.entries(executions).map(([name, perVideo]) => {
      const value = settings[name as keyof typeof executions];
      return [`\`${name}\``, value, value / perVideo, ...rates.map((rate) => needed(perVideo, rate))];
    }),
    [
      'API executions',
      'as needed',
      undefined,
      ...rates.map((rate) => Math.ceil(assumed.apiSeconds * rate * headroom)),
    ],
    ['the account’s concurrent executions', '1,000', undefined, ...rates.map(total)],
    [
      'shards of the due index',
      dueShards,
      (dueShards * partitionWritesPerSecond) / assumed.dueIndexWrites,
      ...rates.map((rate) =>
        Math.ceil((assumed.dueIndexWrites * rate * headroom) / partitionWritesPerSecond),
      ),
    ],
    [
      'writes a second of the table',
      newTableWritesPerSecond,
      newTableWritesPerSecond / assumed.tableWrites,
      ...rates.map((rate) => assumed.tableWrites * rate),
    ],
    [
      'the quota of a table',
      tableQuotaWritesPerSecond,
      tableQuotaWritesPerSecond / assumed.tableWrites,
      ...rates.map((rate) => assumed.tableWrites * rate),
    ],
    [
      `minutes of the sweep after ${outageMinutes} without queues`,
      `${settings.sweepMemoryMb} MB`,
      undefined,
      ...rates.map((rate) => Math.ceil((rate * outageMinutes * 60) / wokenPerMinute)),
    ],
  ]);
};
