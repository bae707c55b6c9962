import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { entryFile, type FunctionName } from '../cdk/bundle-options.ts';
import { cloudEnvironment, tableName } from '../local/cloud/layout.ts';
import { standInKey } from '../local/providers.ts';
import { startKlingStandIn } from '../local/stand-ins/kling.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { startBenchCloud } from './support/bench-cloud.ts';
import { benchFile, makeBundle } from './support/bundles.ts';
import { createCapacityCounter } from './support/capacity.ts';
import { acceptEvent, functionUrlEvent, queueEvent } from './support/events.ts';
import { startHot } from './support/hot-function.ts';
import { prices } from './support/prices.ts';
import { type Call, startRecorder } from './support/recorder.ts';
import { sum } from './support/statistics.ts';
import { type Cell, printTable } from './support/table.ts';

export const about = 'What a million video tasks cost, by counting what one takes (G13).';

const perMillion = 1e6;
/** By the event source, for each batch. */
const receiveAndDelete = 2;
/** Fewer than the renders that the stand-in for Kling takes at once. */
const taskCount = 15;
const standInSeconds = 8;
/** 1 + 0.8 / 0.3: what the schedule takes, whatever the model; `poll-schedule` measures it. */
const pollsPerTask = 3.67;
/** How many polls one invocation takes on, in its window of a second: alone, and at a million tasks a month (1.4 a second). */
const pollsPerInvocation = [1, 2.4];

/** How long a function runs, of which it mostly waits: for the table, for Kling, for the receiver. Assumed. */
const functions = {
  api: { memoryMb: 512, durationMs: 25 },
  submit: { memoryMb: 256, durationMs: 800 },
  poll: { memoryMb: 256, durationMs: 250 },
  deliver: { memoryMb: 256, durationMs: 300 },
} satisfies Partial<Record<FunctionName, { memoryMb: number; durationMs: number }>>;
/** After the first hundred renders of a kind only some are learned from; those of a new one cost a write each. */
const knownRenderTime = {
  pk: 'RENDER#kling/kling-v2-6#std#5',
  sk: 'RENDER',
  medianSeconds: 75,
  samples: 1_000,
};

type CountedFunction = keyof typeof functions;

type Counts = { writes: number; reads: number; queueRequests: number; logBytes: number; logLines: number };
type Step = { name: string; by: CountedFunction; perTask: number; counts: Counts };

export default async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  const receiver = await startReceiver();
  const kling = await startKlingStandIn({
    port: 0,
    seconds: standInSeconds,
    apiKey: standInKey,
    log: silentLog,
  });
  const portOf = (url: string) => Number(new URL(url).port);
  const table = await startRecorder(portOf(cloud.environment.AWS_ENDPOINT_URL_DYNAMODB));
  const queues = await startRecorder(portOf(cloud.environment.AWS_ENDPOINT_URL_SQS));
  const hosts: Awaited<ReturnType<typeof startHot>>[] = [];
  try {
    const runner = await makeBundle(benchFile('support/hot-instance.ts'), join(folder, 'runner'));
    const start = async (name: CountedFunction) => {
      const bundle = await makeBundle(entryFile(name), join(folder, name));
      const host = await startHot(runner.file, bundle.file, {
        ...cloud.variables,
        ...cloudEnvironment({ database: table.port, queues: queues.port }),
        KLING_API_KEY: standInKey,
        KLING_BASE_URL: kling.url,
        METRICS_NAMESPACE: 'ClearMaas',
      });
      hosts.push(host);
      return host;
    };
    const host = {
      api: await start('api'),
      submit: await start('submit'),
      poll: await start('poll'),
      deliver: await start('deliver'),
    };
    const capacityOf = createCapacityCounter();
    await cloud.sdk.dynamoDb.send(new PutCommand({ TableName: tableName, Item: knownRenderTime }));

    /** Lets a function work through events and counts what each takes. */
    const count = async (name: CountedFunction, events: object[]): Promise<Counts & { sent: Call[] }> => {
      table.calls.length = 0;
      queues.calls.length = 0;
      const before = { ...host[name].log };
      for (const event of events) {
        const { failures } = await host[name].run({ event, count: 1, atOnce: 1 });
        if (failures > 0) throw new Error(`${name} failed`);
      }
      const units = table.calls.map(capacityOf);
      const each = (total: number) => total / events.length;
      const isQueued = name !== 'api';
      return {
        writes: each(sum(units.map(({ writes }) => writes))),
        reads: each(sum(units.map(({ reads }) => reads))),
        // The event source receives and deletes each message.
        queueRequests: each(queues.calls.length) + (isQueued ? receiveAndDelete : 0),
        logBytes: each(host[name].log.bytes - before.bytes),
        logLines: each(host[name].log.lines - before.lines),
        sent: [...queues.calls],
      };
    };
    const messages = (calls: Call[], queue: string): object[] =>
      calls
        .filter(({ input }) => String(input['QueueUrl']).endsWith(`/${queue}`))
        .map(({ input }) => queueEvent(JSON.parse(String(input['MessageBody']))));

    await count('api', [acceptEvent(cloud.apiKey, receiver.url)]);
    const accept = await count(
      'api',
      Array.from({ length: taskCount }, () => acceptEvent(cloud.apiKey, receiver.url)),
    );
    const submit = await count('submit', messages(accept.sent, 'submissions'));
    const acceptedAtMs = Date.now();
    // Half of the render time on, the stand-in says that it renders.
    await sleep(standInSeconds * 500);
    const firstPoll = await count('poll', messages(submit.sent, 'polls'));
    if (Date.now() - acceptedAtMs > standInSeconds * 1_000) throw new Error('too slow to see a render begin');
    const laterPoll = await count('poll', messages(firstPoll.sent, 'polls'));
    await sleep(standInSeconds * 1_000);
    const lastPoll = await count('poll', messages(laterPoll.sent, 'polls'));
    const deliver = await count('deliver', messages(lastPoll.sent, 'callbacks'));
    const [idEvent] = messages(accept.sent, 'submissions');
    const { taskId } = JSON.parse((idEvent as ReturnType<typeof queueEvent>).Records[0]?.body ?? '{}');
    const path = `/v1/video/generations/${taskId}`;
    const look = await count(
      'api',
      Array.from({ length: taskCount }, () =>
        functionUrlEvent({ method: 'GET', path, apiKey: cloud.apiKey }),
      ),
    );

    const steps: Step[] = [
      { name: 'accept', by: 'api', perTask: 1, counts: accept },
      { name: 'submit', by: 'submit', perTask: 1, counts: submit },
      { name: 'poll that sees it begin', by: 'poll', perTask: 1, counts: firstPoll },
      { name: 'poll that sees no change', by: 'poll', perTask: pollsPerTask - 2, counts: laterPoll },
      { name: 'poll that sees it end', by: 'poll', perTask: 1, counts: lastPoll },
      { name: 'deliver', by: 'deliver', perTask: 1, counts: deliver },
    ];
    reportCounts([...steps, { name: 'a status request', by: 'api', perTask: 0, counts: look }]);
    reportCost(steps);
  } finally {
    for (const each of hosts) each.stop();
    cloud.stop();
    await Promise.all([receiver.stop(), kling.close(), table.stop(), queues.stop()]);
    await rm(folder, { recursive: true });
  }
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

const reportCounts = (steps: Step[]) =>
  printTable(
    `Counted on the embedded stack, mean of ${taskCount} tasks with a callback`,
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

const reportCost = (steps: Step[]) => {
  const total = (figure: (step: Step) => number) => sum(steps.map((step) => step.perTask * figure(step)));
  const ourCost = (sharing: number) => {
    /** Of what an invocation costs once, however many messages it was given. */
    const share = ({ by }: Step) => (by === 'poll' ? 1 / sharing : 1);
    const lambda = (step: Step) => {
      const { memoryMb, durationMs } = functions[step.by];
      const gbSeconds = (memoryMb / 1_024) * (durationMs / 1_000);
      return share(step) * (prices.perInvocation + gbSeconds * prices.perGbSecondOnArm);
    };
    const requests = (step: Step) =>
      step.counts.queueRequests - (step.by === 'api' ? 0 : receiveAndDelete * (1 - share(step)));
    return {
      lambda: total(lambda) * perMillion,
      table:
        total(({ counts }) => counts.writes * prices.perWriteUnit + counts.reads * prices.perReadUnit) *
        perMillion,
      queues: total(requests) * prices.perQueueRequest * perMillion,
      logs: (total(({ counts }) => counts.logBytes) / 1e9) * prices.perLogGb * perMillion,
    };
  };
  const sumOf = (parts: ReturnType<typeof ourCost>) => sum(Object.values(parts));
  const others = comparisons();
  const floor = others[0]?.total ?? 1;
  const ours = pollsPerInvocation.map((sharing) => {
    const cost = ourCost(sharing);
    return { name: `this gateway, ${sharing} polls an invocation`, ...cost, total: sumOf(cost) };
  });
  const rows: Row[] = [...ours, ...others];
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

/** The same million tasks by other designs, computed with the same prices and durations; logs of 900 bytes a run. */
const comparisons = () => {
  const runs = (list: [CountedFunction, number][]) =>
    sum(
      list.map(([name, count]) => {
        const { memoryMb, durationMs } = functions[name];
        const gbSeconds = (memoryMb / 1_024) * (durationMs / 1_000);
        return count * (prices.perInvocation + gbSeconds * prices.perGbSecondOnArm);
      }),
    ) * perMillion;
  const logs = (invocations: number) => ((invocations * 900) / 1e9) * prices.perLogGb * perMillion;
  const units = (writes: number, reads: number) =>
    (writes * prices.perWriteUnit + reads * prices.perReadUnit) * perMillion;
  const queue = (requests: number) => requests * prices.perQueueRequest * perMillion;
  const once: [CountedFunction, number][] = [
    ['api', 1],
    ['submit', 1],
    ['deliver', 1],
  ];
  const design = (
    name: string,
    polls: number,
    parts: { table: number; queues: number; transitions?: number },
  ) => {
    const lambda = runs([...once, ['poll', polls]]);
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
