import { setTimeout as pause } from 'node:timers/promises';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { print } from './support/print.ts';
import { printReconciliation } from './support/reconcile.ts';
import { quantile } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { waitsOf } from './support/task-times.ts';
import { startWholeGateway, type WholeGateway } from './support/whole-gateway.ts';

export const about = 'rates, ages and memory with 5,000 tasks at the highest rate [number of tasks]';

const defaultTasks = 5_000;
const maxTasks = 20_000;
const renderSeconds = 5;
const sampleEveryMs = 5_000;
const megabyte = 1024 ** 2;

type Sample = { atMs: number; ended: number; rssMb: number; heapMb: number; waiting: number[] };

const waitingIn = async ({ cloud }: WholeGateway): Promise<number[]> => {
  const { SUBMISSIONS_QUEUE_URL, POLLS_QUEUE_URL, CALLBACKS_QUEUE_URL } = cloud.environment;
  const counts = [SUBMISSIONS_QUEUE_URL, POLLS_QUEUE_URL, CALLBACKS_QUEUE_URL].map(async (QueueUrl) => {
    const { Attributes } = await cloud.sdk.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  });
  return Promise.all(counts);
};

const takeSample = async (gateway: WholeGateway): Promise<Sample> => {
  const { rss, heapUsed } = process.memoryUsage();
  const [{ count }, waiting] = [await gateway.heard(), await waitingIn(gateway)];
  return { atMs: Date.now(), ended: count, rssMb: rss / megabyte, heapMb: heapUsed / megabyte, waiting };
};

const inSeconds = (valuesMs: number[]) => [0.5, 0.95, 1].map((share) => quantile(valuesMs, share) / 1_000);

export default async ([size = String(defaultTasks)]: string[]): Promise<void> => {
  const tasks = Number(size);
  if (!Number.isInteger(tasks) || tasks < 1 || tasks > maxTasks)
    return print(`A number of tasks is from 1 to ${maxTasks}.`);
  const gateway = await startWholeGateway(renderSeconds);
  try {
    const samples: Sample[] = [];
    const startedAtMs = Date.now();
    let acceptedAtMs = startedAtMs;
    const accepting = gateway.accept(tasks, 32).then((taskIds) => {
      acceptedAtMs = Date.now();
      return taskIds;
    });
    do {
      await pause(sampleEveryMs);
      samples.push(await takeSample(gateway));
    } while ((samples.at(-1)?.ended ?? 0) < tasks);
    const endedAtMs = Date.now();
    const taskIds = await accepting;

    const { repeats } = await gateway.heard();
    const waits = await waitsOf(gateway, taskIds, renderSeconds);

    printTable(
      `${tasks} tasks`,
      ['', 'tasks/s'],
      [
        ['accepted', tasks / ((acceptedAtMs - startedAtMs) / 1_000)],
        ['accepted, rendered and called back', tasks / ((endedAtMs - startedAtMs) / 1_000)],
      ],
    );
    printTable(
      'How long they waited, in seconds',
      ['', 'p50', 'p95', 'longest'],
      [
        ['accepted to submitted', ...inSeconds(waits.toSubmission)],
        ['rendered to noticed', ...inSeconds(waits.toNotice)],
        ['noticed to called back', ...inSeconds(waits.toCallback)],
      ],
    );
    printTable(
      'Over time',
      ['second', 'called back', 'RSS MB', 'heap MB', 'submissions', 'polls', 'callbacks'],
      samples.map(({ atMs, ended, rssMb, heapMb, waiting }) => [
        Math.round((atMs - startedAtMs) / 1_000),
        ended,
        Math.round(rssMb),
        Math.round(heapMb),
        ...waiting,
      ]),
    );
    printTable(
      'What must be 0',
      ['', ''],
      [
        ['lost', waits.lost],
        ['asked for twice at Kling', waits.askedTwice],
        ['events that came again', repeats],
      ],
    );
    await printReconciliation(gateway.cloud.table, taskIds);
  } finally {
    await gateway.stop();
  }
};
