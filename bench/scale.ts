import { print } from './support/print.ts';
import { sum } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { type Counts, startWholeGateway } from './support/whole-gateway.ts';

export const about = 'requests and invocations per task, from 100 tasks to 10,000 [numbers of tasks]';

const renderSeconds = 5;
const defaultSizes = [100, 1_000, 10_000];
const maxTasks = 10_000;

const isQueueCall = (operation: string) => operation.includes('Message');
/** Every batch that a function has dealt with is deleted in one call. Polls of an empty queue are Lambda's, and free of charge to the function. */
const invocation = 'DeleteMessageBatch';
/** Long polls of the event sources: their number goes with time, not with tasks. */
const isIdle = (operation: string) => operation === 'ReceiveMessage';

const perTask = async (tasks: number): Promise<Counts> => {
  const gateway = await startWholeGateway(renderSeconds);
  try {
    // The first task also finds the key and the workspace, which are then remembered.
    await gateway.accept(1, 1);
    await gateway.waitUntilHeard(1);
    const before = { ...gateway.counts };
    await gateway.accept(tasks, 32);
    await gateway.waitUntilHeard(tasks + 1);
    return Object.fromEntries(
      Object.entries(gateway.counts).map(([name, count]) => [name, (count - (before[name] ?? 0)) / tasks]),
    );
  } finally {
    await gateway.stop();
  }
};

export default async (sizes: string[]): Promise<void> => {
  const numbers = sizes.length > 0 ? sizes.map(Number) : defaultSizes;
  if (!numbers.every((tasks) => Number.isInteger(tasks) && tasks > 0 && tasks <= maxTasks))
    return print(`A number of tasks is from 1 to ${maxTasks}.`);
  const columns: Counts[] = [];
  for (const tasks of numbers) columns.push(await perTask(tasks));

  const operations = [...new Set(columns.flatMap((counts) => Object.keys(counts)))]
    .filter((name) => !isIdle(name))
    .sort();
  const total = (matches: (name: string) => boolean) =>
    columns.map((counts) => sum(operations.filter(matches).map((name) => counts[name] ?? 0)));
  printTable(
    `Per task, with renders of ${renderSeconds} s`,
    ['', ...numbers.map((tasks) => `${tasks.toLocaleString('en-US')} tasks`)],
    [
      ...operations.map((name) => [name, ...columns.map((counts) => counts[name])]),
      ['all DynamoDB requests', ...total((name) => !isQueueCall(name))],
      ['all SQS requests', ...total(isQueueCall)],
      ['invocations', ...columns.map((counts) => 1 + (counts[invocation] ?? 0))],
    ],
  );
  print('\nReceiveMessage is left out: the event source asks whether or not there is anything to do.');
};
