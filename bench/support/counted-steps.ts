import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { webhookUrl } from '../../lib/providers/webhook-address.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { tableName } from '../../local/cloud/layout.ts';
import { startFakeKling } from '../../local/fakes/kling.ts';
import { fakeKey } from '../../local/providers.ts';
import { startReceiver } from '../../test/support/receiver.ts';
import { silentLog } from '../../test/support/silent-log.ts';
import { type BenchCloud, startBenchCloud } from './bench-cloud.ts';
import { type Counts, messagesTo, startCountedFunctions } from './counted-functions.ts';
import { acceptEvent, functionUrlEvent } from './events.ts';
import type { CountedFunction } from './other-designs.ts';
import type { Call } from './recorder.ts';

/** Fewer than the renders that the fake Kling takes at once. */
export const taskCount = 15;
const renderSeconds = 8;
/** 1 + 0.8 / 0.3: what the schedule takes, whatever the model; `poll-schedule` measures it. */
export const pollsPerTask = 3.67;
/**
 * Of callbacks to a receiver that has answered this instance within the two seconds in which it is taken to be well, with
 * one receiver and one instance at a million tasks a month.
 */
const toKnownReceiver = 1 - Math.exp((-2 * 1e6) / (30 * 86_400));
/** With webhooks: of the first message, which comes before one render in five has ended; of the looks of the safety net. */
const leftOutPerTask = 0.8;
const safetyLooksPerTask = 0.09;

/** Of everyday length, since a task is paid by its size. */
const callbackPath = '/webhooks/clearmaas/videos?tenant=4711';
const linkQuery = `?x-kcdn-pid=112452&signature=${'0'.repeat(96)}`;

/** After the first hundred renders of a kind only some are learned from; those of a new one cost a write each. */
const knownRenderTime = {
  pk: 'RENDER#kling/kling-v2-6#std#5',
  sk: 'RENDER',
  medianSeconds: 75,
  spread: 0.67,
  samples: 1_000,
};

export type Step = { name: string; by: CountedFunction; perTask: number; counts: Counts };
type Functions = Awaited<ReturnType<typeof startCountedFunctions>>;

const acceptAndSubmit = async ({ apiKey }: BenchCloud, { count }: Functions, callbackUrl: string) => {
  const accept = await count(
    'api',
    Array.from({ length: taskCount }, () => acceptEvent(apiKey, callbackUrl)),
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

const countDeliveries = async ({ count }: Functions, sent: Call[]): Promise<Step[]> => {
  const [first, ...others] = messagesTo('callbacks', sent);
  if (first === undefined) throw new Error('no event is due');
  const stranger = await count('deliver', [first]);
  const known = await count('deliver', others);
  return [
    { name: 'deliver', by: 'deliver', perTask: toKnownReceiver, counts: known },
    {
      name: 'deliver, receiver unheard of lately',
      by: 'deliver',
      perTask: 1 - toKnownReceiver,
      counts: stranger,
    },
  ];
};

const countPolled = async (cloud: BenchCloud, functions: Functions, callbackUrl: string): Promise<Step[]> => {
  const { count } = functions;
  const { taskIds, steps, polls } = await acceptAndSubmit(cloud, functions, callbackUrl);
  const submittedAtMs = Date.now();
  // Half of the render time on, the fake says that it renders.
  await sleep(renderSeconds * 500);
  const first = await count('poll-video', polls);
  if (Date.now() - submittedAtMs > renderSeconds * 1_000) throw new Error('too slow to see a render begin');
  const later = await count('poll-video', messagesTo('polls', first.sent));
  await sleep(renderSeconds * 1_000);
  const last = await count('poll-video', messagesTo('polls', later.sent));
  const deliveries = await countDeliveries(functions, last.sent);
  const path = `/v1/video/generations/${taskIds[0]}`;
  const look = await count(
    'api',
    taskIds.map(() => functionUrlEvent({ method: 'GET', path, apiKey: cloud.apiKey })),
  );
  return [
    ...steps,
    { name: 'poll that sees it begin', by: 'poll-video', perTask: 1, counts: first },
    { name: 'poll that sees no change', by: 'poll-video', perTask: pollsPerTask - 2, counts: later },
    { name: 'poll that sees it end', by: 'poll-video', perTask: 1, counts: last },
    ...deliveries,
    { name: 'a status request', by: 'api', perTask: 0, counts: look },
  ];
};

const countReported = async (
  cloud: BenchCloud,
  functions: Functions,
  callbackUrl: string,
): Promise<Step[]> => {
  const { count } = functions;
  const { taskIds, steps, polls } = await acceptAndSubmit(cloud, functions, callbackUrl);
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
  const deliveries = await countDeliveries(functions, last.sent);
  const leftOutShare = leftOutPerTask + safetyLooksPerTask;
  return [
    ...steps,
    { name: 'webhook that it is queued', by: 'api', perTask: 1, counts: queued },
    { name: 'webhook that it renders', by: 'api', perTask: 1, counts: began },
    { name: 'webhook that it has ended', by: 'api', perTask: 1, counts: ended },
    { name: 'look that sees it end', by: 'poll-video', perTask: 1, counts: last },
    { name: 'look left out', by: 'poll-video', perTask: leftOutShare, counts: leftOut },
    { name: 'message that comes after', by: 'poll-video', perTask: 1, counts: after },
    ...deliveries,
  ];
};

type CountedSteps = { idleSweep: Step; polled: Step[]; byWebhooks: Step[]; taskBytes: number };

/** Takes tasks with a callback through every step, once found by polls alone, once told by webhooks. */
export const countSteps = async (): Promise<CountedSteps> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  const receiver = await startReceiver();
  const kling = await startFakeKling({
    port: 0,
    seconds: renderSeconds,
    apiKey: fakeKey,
    linkQuery,
    log: silentLog,
  });
  const functions = await startCountedFunctions(cloud, kling.url, folder);
  const callbackUrl = `${receiver.url}${callbackPath}`;
  try {
    await cloud.sdk.dynamoDb.send(new PutCommand({ TableName: tableName, Item: knownRenderTime }));
    const swept = await functions.count('sweep', [{}]);
    const idleSweep: Step = { name: 'sweep', by: 'sweep', perTask: 0, counts: swept };
    await functions.count('api', [acceptEvent(cloud.apiKey, callbackUrl)]);
    const polled = await countPolled(cloud, functions, callbackUrl);
    const taskBytes = functions.taskBytes();
    return { idleSweep, polled, byWebhooks: await countReported(cloud, functions, callbackUrl), taskBytes };
  } finally {
    cloud.stop();
    await Promise.all([receiver.stop(), kling.close(), functions.stop()]);
    await rm(folder, { recursive: true });
  }
};
