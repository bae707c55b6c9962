import { readSettings } from '../cdk/settings.ts';
import { defaultDueShards, eventSources } from '../lib/limits.ts';
import { costOf } from './support/bill.ts';
import { countSteps, pollsPerTask, type Step } from './support/counted-steps.ts';
import { durationMs } from './support/other-designs.ts';
import { sum } from './support/statistics.ts';
import { type Cell, printTable } from './support/table.ts';

export const about = 'which settings serve 1, 10, 100 and 1,000 videos a second, computed (P8)';

const rates = [1, 10, 100, 1_000] as const;
const secondsPerMonth = 30 * 86_400;

/** A batch of five queries side by side; batches fill up before pollers become scarce. */
const pollBatchSeconds = 0.5;
/** A client that polls as it is told. */
const statusRequests = { perVideo: 10, durationMs: 20 };
/** Measured at 256 MB; processor time grows with memory. */
const sweptPerSecondAnd256Mb = 70;
const sweepSecondsAMinute = 45;
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
  submitConcurrency: durationMs['submit-video'] / 1_000,
  pollConcurrency: (pollsPerTask * pollBatchSeconds) / eventSources.polls.batchSize,
  deliverConcurrency: durationMs.deliver / 1_000,
};
const apiSeconds = (durationMs.api + statusRequests.perVideo * statusRequests.durationMs) / 1_000;

const settings = readSettings('bench', {}, 'bench');
const apiExecutions = (rate: number) => Math.ceil(apiSeconds * rate * headroom);
const needed = (perVideo: number, rate: number) =>
  Math.min(maxConcurrency, Math.max(2, Math.ceil(perVideo * rate * headroom)));
const allExecutions = (rate: number) =>
  sum(Object.values(executions).map((perVideo) => needed(perVideo, rate))) + apiExecutions(rate) + 1;
const wokenPerMinute = (sweptPerSecondAnd256Mb * settings.sweepMemoryMb * sweepSecondsAMinute) / 256;

/** Of one video, found by polls alone: write units in all, and into one index or kind of item. */
const writesOf = (steps: Step[]) => {
  const total = (figure: (step: Step) => number) => sum(steps.map((step) => step.perTask * figure(step)));
  return {
    all: total(({ counts }) => counts.writes),
    of: (what: string) => total(({ counts }) => counts.writesOf[what] ?? 0),
  };
};

export default async (): Promise<void> => {
  const { polled } = await countSteps();
  const writes = writesOf(polled);
  const header = [
    '',
    'default',
    'serves, videos/s',
    ...rates.map((rate) => `at ${rate.toLocaleString('en-US')}/s`),
  ];
  const row = (name: string, value: Cell, serves: Cell, at: (rate: number) => number): Cell[] => [
    name,
    value,
    serves,
    ...rates.map(at),
  ];
  const settingRow = ([name, perVideo]: [string, number]) => {
    const value = settings[name as keyof typeof executions];
    return row(`\`${name}\``, value, value / perVideo, (rate) => needed(perVideo, rate));
  };
  const partitionsFor = (perVideo: number) => (rate: number) =>
    Math.ceil((perVideo * rate * headroom) / partitionWritesPerSecond);
  const ofWorkspace = Math.max(...['by-workspace', 'by-end', 'ledger'].map(writes.of));

  printTable('What the settings must be, for so many videos a second', header, [
    ...Object.entries(executions).map(settingRow),
    row('API executions', 'as needed', undefined, apiExecutions),
    row('the account’s concurrent executions', '1,000', undefined, allExecutions),
    row(
      '`dueShards`',
      defaultDueShards,
      (defaultDueShards * partitionWritesPerSecond) / writes.of('by-due'),
      partitionsFor(writes.of('by-due')),
    ),
    row(
      'workspaces that share the load',
      1,
      partitionWritesPerSecond / ofWorkspace,
      partitionsFor(ofWorkspace),
    ),
    row(
      'writes a second of the table',
      newTableWritesPerSecond,
      newTableWritesPerSecond / writes.all,
      (rate) => writes.all * rate,
    ),
    row(
      'the quota of a table',
      tableQuotaWritesPerSecond,
      tableQuotaWritesPerSecond / writes.all,
      (rate) => writes.all * rate,
    ),
    row(
      `minutes of the sweep after ${outageMinutes} without queues`,
      `${settings.sweepMemoryMb} MB`,
      undefined,
      (rate) => Math.ceil((rate * outageMinutes * 60) / wokenPerMinute),
    ),
    row(
      'dollars of AWS a month',
      undefined,
      undefined,
      (rate) => (costOf('', polled, {}).total * rate * secondsPerMonth) / 1e6,
    ),
  ]);
};
