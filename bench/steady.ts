import { setTimeout as pause } from 'node:timers/promises';
import { print } from './support/print.ts';
import { cpuMsOf, memoryMbOf } from './support/process-figures.ts';
import { quantile } from './support/statistics.ts';
import { type Cell, printTable } from './support/table.ts';
import { waitsOf } from './support/task-times.ts';
import { startWholeGateway } from './support/whole-gateway.ts';

export const about = 'a rate held for a minute: delays, processor time, memory [videos a second …] (P8)';

const defaultRates = [1, 10, 30];
const maxRate = 100;
const heldSeconds = 60;
const renderSeconds = 5;

type Held = { rate: number; cells: Cell[] };

const hold = async (rate: number): Promise<Held> => {
  const gateway = await startWholeGateway(renderSeconds);
  try {
    await gateway.accept(1, 1);
    await gateway.waitUntilHeard(1);
    const [startedAtMs, cpuBeforeMs] = [Date.now(), cpuMsOf(process.pid)];
    const accepted: Promise<string[]>[] = [];
    for (let index = 0; index < rate * heldSeconds; index += 1) {
      await pause(Math.max(0, startedAtMs + (index * 1_000) / rate - Date.now()));
      // A machine that is not fast enough does not take every connection.
      accepted.push(gateway.accept(1, 1).catch(() => []));
    }
    const taskIds = (await Promise.all(accepted)).flat();
    const refused = rate * heldSeconds - taskIds.length;
    await gateway.waitUntilHeard(taskIds.length + 1);
    const tookMs = Date.now() - startedAtMs;
    const cpuMs = cpuMsOf(process.pid) - cpuBeforeMs;
    const { repeats } = await gateway.heard();
    const waits = await waitsOf(gateway, taskIds, renderSeconds);
    const seconds = (valuesMs: number[]): Cell[] =>
      [0.5, 0.95, 1].map((share) => quantile(valuesMs, share) / 1_000);
    return {
      rate,
      cells: [
        taskIds.length,
        refused,
        tookMs / 1_000,
        ...seconds(waits.toSubmission),
        ...seconds(waits.toNotice),
        ...seconds(waits.toCallback),
        cpuMs / taskIds.length,
        cpuMs / tookMs,
        memoryMbOf(process.pid).nowMb,
        waits.lost,
        waits.askedTwice,
        repeats,
      ],
    };
  } finally {
    await gateway.stop();
  }
};

const names = [
  'videos accepted',
  'not accepted',
  'until all are called back, s',
  ...['accepted to submitted', 'rendered to noticed', 'noticed to called back'].flatMap((wait) =>
    ['p50', 'p95', 'longest'].map((share) => `${wait}, ${share}, s`),
  ),
  'processor time a video, ms',
  'processors that the gateway kept busy',
  'memory, MB',
  'lost',
  'asked for twice at Kling',
  'events that came again',
];

export default async (given: string[]): Promise<void> => {
  const rates = given.length > 0 ? given.map(Number) : defaultRates;
  if (!rates.every((rate) => rate > 0 && rate <= maxRate))
    return print(`A rate is a number of videos a second, up to ${maxRate}.`);
  const held: Held[] = [];
  for (const rate of rates) held.push(await hold(rate));
  printTable(
    `The whole gateway in one process, rates held for ${heldSeconds} s, renders of ${renderSeconds} s`,
    ['', ...held.map(({ rate }) => `${rate}/s`)],
    names.map((name, index) => [name, ...held.map(({ cells }) => cells[index])]),
  );
};
