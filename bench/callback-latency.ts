import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchReceiver, startEndingTasks } from './support/ending-tasks.ts';
import { quantile } from './support/statistics.ts';
import { printTable } from './support/table.ts';

export const about = 'time from the end of a task to the first byte at its callback receiver';

const count = 1_500;
const perSecond = 50;
const answersAfterMs = [5, 100] as const;

/** The embedded cloud shares the machine: on AWS the same calls take a few milliseconds each, and do not compete. */
export default async (): Promise<void> => {
  const gateway = await startEndingTasks();
  const rows = [];
  for (const answerAfterMs of answersAfterMs) {
    const receiver = await startBenchReceiver(answerAfterMs);
    const running = await gateway.putRunning(Array.from({ length: count }, () => receiver.url));
    await gateway.end(running, perSecond);
    while (receiver.firstByteAtMs.size < count) await sleep(50);
    const delays = [];
    for (const task of running)
      delays.push((receiver.firstByteAtMs.get(task.id) ?? Number.NaN) - (await gateway.endedAtMs(task)));
    rows.push([
      `answers after ${answerAfterMs} ms`,
      quantile(delays, 0.5),
      quantile(delays, 0.99),
      Math.max(...delays),
      receiver.requests(),
    ]);
    await receiver.stop();
  }
  printTable(
    `Task ended → first byte at the receiver, ms; ${count} tasks at ${perSecond}/s to one receiver`,
    ['receiver', 'p50', 'p99', 'longest', 'requests'],
    rows,
  );
  await gateway.stop();
};
