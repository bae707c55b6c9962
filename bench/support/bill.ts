import { receiveAndDelete } from './counted-functions.ts';
import type { Step } from './counted-steps.ts';
import { costOfRun, perMillion } from './other-designs.ts';
import { prices } from './prices.ts';
import { sum } from './statistics.ts';

export type Row = {
  name: string;
  lambda: number;
  table: number;
  queues: number;
  logs: number;
  total: number;
  transitions?: number;
};

type Way = {
  /** So many messages of the polls queue share an invocation. */
  sharing?: number;
  table?: { perWriteUnit: number; perReadUnit: number };
};

/** Dollars per million tasks that take these steps. */
export const costOf = (name: string, steps: Step[], { sharing = 1, table = prices }: Way): Row => {
  const total = (figure: (step: Step) => number) => sum(steps.map((step) => step.perTask * figure(step)));
  /** Of what an invocation costs once, however many messages it was given. */
  const share = ({ by }: Step) => (by === 'poll-video' ? 1 / sharing : 1);
  const requests = (step: Step) =>
    step.counts.queueRequests - (step.by === 'api' ? 0 : receiveAndDelete * (1 - share(step)));
  const cost = {
    lambda: total((step) => share(step) * costOfRun(step.by)) * perMillion,
    table:
      total(({ counts }) => counts.writes * table.perWriteUnit + counts.reads * table.perReadUnit) *
      perMillion,
    queues: total(requests) * prices.perQueueRequest * perMillion,
    logs: (total(({ counts }) => counts.logBytes) / 1e9) * prices.perLogGb * perMillion,
  };
  return { name, ...cost, total: sum(Object.values(cost)) };
};
