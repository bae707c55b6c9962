import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { webhookUrl } from '../lib/providers/webhook-address.ts';
import { createDynamoTaskStore } from '../lib/tasks/dynamo-task-store.ts';
import { tableName } from '../local/cloud/layout.ts';
import { startFakeKling } from '../local/fakes/kling.ts';
import { fakeKey } from '../local/providers.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { startBenchCloud } from './support/bench-cloud.ts';
import {
  type Counts,
  messagesTo,
  receiveAndDelete,
  startCountedFunctions,
} from './support/counted-functions.ts';
import { acceptEvent, functionUrlEvent } from './support/events.ts';
import { type CountedFunction, costOfRun, otherDesigns, perMillion } from './support/other-designs.ts';
import { prices } from './support/prices.ts';
import { sum } from './support/statistics.ts';
import { type Cell, printTable } from './support/table.ts';

export const about = 'What a million video tasks cost, by counting what one takes (P5).';

/** Fewer than the renders that the fake Kling takes at once. */
const taskCount = 15;
const renderSeconds = 8;
/** 1 + 0.8 / 0.3: what the schedule takes, whatever the model; `poll-schedule` measures it. */
const pollsPerTask = 3.67;
/** With webhooks: of the first message, which comes before one render in five has ended; of the looks of the safety net. */
const leftOutPerTask = 0.8;
const safetyLooksPerTask = 0.09;

/** As in `cdk/stack.ts`. */
const pollsBatch = { size: 5, windowSeconds: 2 };
const secondsPerMonth = 30 * 86_400;

/** How many messages an invocation is given on average, if one poller takes them all. */
const messagesPerInvocation = (messagesPerTask: number, tasksPerMonth: number): number => {
  const { size, windowSeconds } = pollsBatch;
  const expected = ((messagesPerTask * tasksPerMonth) / secondsPerMonth) * windowSeconds;
  // The first opens the window; the others come as a Poisson process does.
  let mean = size;
  let share = Math.exp(-expected);
  for (let others = 0; others < size - 1; others += 1) {
    mean -= share * (size - 1 - others);
    share *= expected / (others + 1);
  }
  return mean;
};

/** After the first hundred renders of a kind only some are learned from; those of a new one cost a write each. */
const knownRenderTime = {
  pk: 'RENDER#kling/kling-v2-6#std#5',
  sk: 'RENDER',
  medianSeconds: 75,
  spread: 0.67,
  samples: 1_000,
};

type Step = { name: string; by: CountedFunction; perTask: number; counts: Counts };

export default async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  const receiver = await startReceiver();
  const kling = await startFakeKling({
    port: 0,
    seconds: renderSeconds,
    apiKey: fakeKey,
    log: silentLog,
  });
  const counted = await startCountedFunctions(cloud, kling.url, folder);
  try {
    await cloud.sdk.dynamoDb.send(new PutCommand({ TableName: tableName, Item: knownRenderTime }));
    await counted.count('api', [acceptEvent(cloud.apiKey, receiver.url)]);
    const polled = await countPolled(cloud, counted, receiver.url);
    const byWebhooks = await countReported(cloud, counted, receiver.url);
    reportCounts('polls alone', [
      ...polled.steps,
      { name: 'a status request', by: 'api', perTask: 0, counts: polled.look },
    ]);
    reportCounts('a webhook for each change', byWebhooks);
    reportCost(polled.steps, byWebhooks);
  } finally {
    cloud.stop();
    await Promise.all([receiver.stop(), kling.close(), counted.stop()]);
    await rm(folder, { recursive: true });
  }
};

type Cloud = Awaited<ReturnType<typeof startBenchCloud>>;
type Counted = Awaited<ReturnType<typeof startCountedFunctions>>;

const acceptAndSubmit = async ({ apiKey }: Cloud, { count }: Counted, receiverUrl: string) => {
  const accept = await count(
    'api',
    Array.from({ length: taskCount }, () => acceptEvent(apiKey, receiverUrl)),
  );
  const submissions = messagesTo('submissions', accept.sent);
  const submit = await count('submit-video', submissions);
  const steps: Step[] = [
    { name: 'accept', by: 'api', perTask: 1, counts: accept },
    { name: 'submit', by: 'submit-video', perTask: 1, counts: submit },
  ];
  const taskIds = submissions.map(({ Records }) => String(JSON.parse(Records[0]?.body ?? '{}').taskId));
  return { taskIds, steps, polls: messagesTo('polls', submit.sent) };
};

const countPolled = async (cloud: Cloud, counted: Counted, receiverUrl: string) => {
  const { count } = counted;
  const { taskIds, steps, polls } = await acceptAndSubmit(cloud, counted, receiverUrl);
  const submittedAtMs = Date.now();
  // Half of the render time on, the fake says that it renders.
  await sleep(renderSeconds * 500);
  const first = await count('poll-video', polls);
  if (Date.now() - submittedAtMs > renderSeconds * 1_000) throw new Error('too slow to see a render begin');
  const later = await count('poll-video', messagesTo('polls', first.sent));
  await sleep(renderSeconds * 1_000);
  const last = await count('poll-video', messagesTo('polls', later.sent));
  const deliver = await count('deliver', messagesTo('callbacks', last.sent));
  const path = `/v1/video/generations/${taskIds[0]}`;
  const look = await count(
    'api',
    taskIds.map(() => functionUrlEvent({ method: 'GET', path, apiKey: cloud.apiKey })),
  );
  const followed: Step[] = [
    { name: 'poll that sees it begin', by: 'poll-video', perTask: 1, counts: first },
    { name: 'poll that sees no change', by: 'poll-video', perTask: pollsPerTask - 2, counts: later },
    { name: 'poll that sees it end', by: 'poll-video', perTask: 1, counts: last },
    { name: 'deliver', by: 'deliver', perTask: 1, counts: deliver },
  ];
  return { steps: [...steps, ...followed], look };
};

const countReported = async (cloud: Cloud, counted: Counted, receiverUrl: string): Promise<Step[]> => {
  const { count } = counted;
  const { taskIds, steps, polls } = await acceptAndSubmit(cloud, counted, receiverUrl);
  const submittedAtMs = Date.now();
  const tasks = createDynamoTaskStore(cloud.table, Date.now);
  const operationIds = await Promise.all(
    taskIds.map(async (taskId) => {
      const task = await tasks.find(taskId);
      return task?.state === 'running' ? task.render.operation.id : undefined;
    }),
  );
  const webhookSaying = (status: string) =>
    taskIds.map((taskId, index) =>
      functionUrlEvent({
        method: 'POST',
        path: webhookUrl('', { provider: 'kling', taskId }, cloud.variables['LINK_SIGNING_KEY'] ?? ''),
        apiKey: '',
        body: {
          task_id: operationIds[index],
          task_status: status,
          task_info: { external_task_id: taskId },
          created_at: Date.now(),
          updated_at: Date.now(),
        },
      }),
    );
  const queued = await count('api', webhookSaying('submitted'));
  const began = await count('api', webhookSaying('processing'));
  const leftOut = await count('poll-video', polls);
  if (leftOut.writes > 0) throw new Error('a look was not left out');
  await sleep(Math.max(0, submittedAtMs + renderSeconds * 1_500 - Date.now()));
  const ended = await count('api', webhookSaying('succeed'));
  const last = await count('poll-video', messagesTo('polls', ended.sent));
  const after = await count('poll-video', messagesTo('polls', leftOut.sent));
  const deliver = await count('deliver', messagesTo('callbacks', last.sent));
  const followed: Step[] = [
    { name: 'webhook that it is queued', by: 'api', perTask: 1, counts: queued },
    { name: 'webhook that it renders', by: 'api', perTask: 1, counts: began },
    { name: 'webhook that it has ended', by: 'api', perTask: 1, counts: ended },
    { name: 'look that sees it end', by: 'poll-video', perTask: 1, counts: last },
    {
      name: 'look left out',
      by: 'poll-video',
      perTask: leftOutPerTask + safetyLooksPerTask,
      counts: leftOut,
    },
    { name: 'message that comes after', by: 'poll-video', perTask: 1, counts: after },
    { name: 'deliver', by: 'deliver', perTask: 1, counts: deliver },
  ];
  return [...steps, ...followed];
};

type Row = {
  name: string;
  lambda: number;
  table: number;
  queues: number;
  logs: number;
  total: number;
  transitions?: number;
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

/** What a million tasks cost, if so many messages of the polls queue share an invocation. */
const costOf = (name: string, steps: Step[], sharing: number): Row => {
  const total = (figure: (step: Step) => number) => sum(steps.map((step) => step.perTask * figure(step)));
  /** Of what an invocation costs once, however many messages it was given. */
  const share = ({ by }: Step) => (by === 'poll-video' ? 1 / sharing : 1);
  const requests = (step: Step) =>
    step.counts.queueRequests - (step.by === 'api' ? 0 : receiveAndDelete * (1 - share(step)));
  const cost = {
    lambda: total((step) => share(step) * costOfRun(step.by)) * perMillion,
    table:
      total(({ counts }) => counts.writes * prices.perWriteUnit + counts.reads * prices.perReadUnit) *
      perMillion,
    queues: total(requests) * prices.perQueueRequest * perMillion,
    logs: (total(({ counts }) => counts.logBytes) / 1e9) * prices.perLogGb * perMillion,
  };
  return {
    name: `${name}, ${sharing.toFixed(1)} messages an invocation`,
    ...cost,
    total: sum(Object.values(cost)),
  };
};

const reportCost = (polled: Step[], byWebhooks: Step[]) => {
  const others = otherDesigns();
  const floor = others[0]?.total ?? 1;
  const messages = (steps: Step[]) =>
    sum(steps.filter(({ by }) => by === 'poll-video').map(({ perTask }) => perTask));
  const ours = (name: string, steps: Step[]) =>
    [1, messagesPerInvocation(messages(steps), perMillion)].map((sharing) => costOf(name, steps, sharing));
  const rows: Row[] = [
    ...ours('this gateway, polls alone', polled),
    ...ours('this gateway, with webhooks', byWebhooks),
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
