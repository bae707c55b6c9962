import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchReceiver, startEndingTasks } from './support/ending-tasks.ts';
import { print } from './support/print.ts';
import { quantile, sum } from './support/statistics.ts';
import { printTable } from './support/table.ts';

export const about =
  'delay of 1,000 healthy callbacks beside a receiver that never answers (P4) [callbacks a second]';

const healthyCount = 1_000;
const deadCount = 111;
const defaultRate = 50;

/** Every tenth callback goes to a receiver that takes the connection and stays silent. */
export default async ([rate = String(defaultRate)]: string[]): Promise<void> => {
  const perSecond = Number(rate);
  if (!(perSecond > 0)) return print('A rate is a number of callbacks a second.');
  const gateway = await startEndingTasks();
  const healthy = await startBenchReceiver(20);
  const dead = await startBenchReceiver(undefined);
  const urls = Array.from({ length: healthyCount + deadCount }, (_, index) =>
    index % 10 === 5 ? dead.url : healthy.url,
  );
  const running = await gateway.putRunning(urls);
  await gateway.end(running, perSecond);
  const toHealthy = running.filter(({ callback }) => callback?.url === healthy.url);
  const toDead = running.filter(({ callback }) => callback?.url === dead.url);
  while (healthy.firstByteAtMs.size < toHealthy.length) await sleep(50);

  const delays = [];
  for (const task of toHealthy)
    delays.push((healthy.firstByteAtMs.get(task.id) ?? Number.NaN) - (await gateway.endedAtMs(task)));
  const attempts = [];
  for (const task of toDead) attempts.push(await gateway.attemptsOf(task));
  printTable(
    `${toHealthy.length} healthy callbacks and ${toDead.length} to a dead receiver, ${perSecond}/s`,
    ['callbacks', 'p50 ms', 'p99 ms', 'longest ms', 'requests'],
    [
      ['healthy', quantile(delays, 0.5), quantile(delays, 0.99), Math.max(...delays), healthy.requests()],
      ['dead', undefined, undefined, undefined, dead.requests()],
    ],
  );
  printTable('The dead receiver', ['', ''], [['attempts that were counted', sum(attempts)]]);
  await dead.stop();
  await healthy.stop();
  await gateway.stop();
};
