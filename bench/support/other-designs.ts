import { givenMb } from './given-memory.ts';
import { prices } from './prices.ts';
import { sum } from './statistics.ts';

export const perMillion = 1e6;

/** How long a function runs, of which it mostly waits: for the table, for Kling, for the receiver. Assumed. */
export const durationMs = { api: 25, 'submit-video': 800, 'poll-video': 250, deliver: 300, sweep: 100 };
export type CountedFunction = keyof typeof durationMs;

/** What one invocation costs. */
export const costOfRun = (name: CountedFunction): number =>
  prices.perInvocation + (givenMb[name] / 1_024) * (durationMs[name] / 1_000) * prices.perGbSecondOnArm;

/** The same million tasks by other designs, computed with the same prices and durations; logs of 900 bytes a run. */
export const otherDesigns = () => {
  const runs = (list: [CountedFunction, number][]) =>
    sum(list.map(([name, count]) => count * costOfRun(name))) * perMillion;
  const logs = (invocations: number) => ((invocations * 900) / 1e9) * prices.perLogGb * perMillion;
  const units = (writes: number, reads: number) =>
    (writes * prices.perWriteUnit + reads * prices.perReadUnit) * perMillion;
  const queue = (requests: number) => requests * prices.perQueueRequest * perMillion;
  const once: [CountedFunction, number][] = [
    ['api', 1],
    ['submit-video', 1],
    ['deliver', 1],
  ];
  const design = (
    name: string,
    polls: number,
    parts: { table: number; queues: number; transitions?: number },
  ) => {
    const lambda = runs([...once, ['poll-video', polls]]);
    const { table, queues, transitions = 0 } = parts;
    const cost = { lambda, table, queues, logs: logs(3 + polls), transitions };
    return { name, ...cost, total: sum(Object.values(cost)) };
  };
  const loopPolls = 7.98;
  const transitions = (5 + 3 * loopPolls) * prices.perStateTransition * perMillion;
  return [
    design('floor: never asks whether it is done', 0, { table: units(4, 0.5), queues: queue(6) }),
    design('SQS every 10 s', loopPolls, { table: units(4, 0.5), queues: queue(6 + 3 * loopPolls) }),
    // Each minute reads every item of 30 days, 8 of 1 KB to a read unit; per task that is its share of the reading.
    design('cron each minute, scanning 30 days', 0.04, { table: units(4, 43_200 / 8), queues: queue(6) }),
    design('Step Functions, 10 s loop', loopPolls, { table: units(4, 0.5), queues: 0, transitions }),
  ];
};
