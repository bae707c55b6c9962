import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportEnvironment } from '../../lib/config.ts';
import { defaultConcurrency, eventSources } from '../../lib/limits.ts';
import { createLog, recordLines } from '../../lib/observability/log.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { completeVideo } from '../../lib/tasks/settlement.ts';
import { isEnded, type RunningVideo, type Task } from '../../lib/tasks/task.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { createWakeUps } from '../../lib/tasks/wake-ups.ts';
import { queueArn } from '../../local/cloud/layout.ts';
import { listenOnLoopback, stopListening } from '../../local/cloud/loopback.ts';
import { startEventSource } from '../../local/event-source.ts';
import { localWorkspaceId } from '../../local/local-workspace.ts';
import { startBenchCloud } from './bench-cloud.ts';

const hourMs = 3_600_000;

const aRunningTask = (url: string): RunningVideo => ({
  id: newTaskId(),
  workspaceId: localWorkspaceId,
  livemode: true,
  keyName: 'bench',
  version: 1,
  model: 'clearmaas/kling-v2-6',
  resolvedModel: 'clearmaas/kling-v2-6',
  action: 'textGenerate',
  seconds: 5,
  size: '1280x720',
  price: { listMicroUsd: null },
  kind: 'video',
  state: 'running',
  createdAtMs: Date.now(),
  deadlineAtMs: Date.now() + hourMs,
  expiresAtSeconds: Math.floor((Date.now() + hourMs) / 1000),
  requestHash: 'bench',
  callback: { url, events: ['video.completed'] },
  typicalSeconds: 75,
  render: { operation: { action: 'textGenerate', id: '1' }, submittedAtMs: Date.now() },
  pollGeneration: 1,
  pollOverdueAtMs: Date.now() + hourMs,
});

const inGroupsOf = <Item>(size: number, items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, group) =>
    items.slice(group * size, (group + 1) * size),
  );

/**
 * The second half of the product, on the embedded cloud: tasks end as the poll function ends them, and the real deliver
 * function takes the messages as Lambda's event source would hand them over.
 */
export const startEndingTasks = async () => {
  const cloud = await startBenchCloud();
  exportEnvironment({ ...cloud.variables, LOG_LEVEL: 'error' });
  const { handler } = await import('../../functions/deliver.ts');
  const tasks = createDynamoTaskStore(cloud.table, Date.now);
  const callbacks = cloud.environment.CALLBACKS_QUEUE_URL;
  const wakeUps = createWakeUps(cloud.queues, { submissions: '', images: '', polls: '', callbacks });
  const source = startEventSource({
    sqs: cloud.sdk.sqs,
    queueUrl: callbacks,
    queueArn: queueArn('callbacks'),
    batchSize: eventSources.callbacks.batchSize,
    maxConcurrency: defaultConcurrency.callbacks,
    handler,
    log: createLog(recordLines('error')),
  });

  const endOne = async (task: Task): Promise<void> => {
    const { task: ended } = await tasks.change(
      task.id,
      (current) =>
        current.state === 'running'
          ? completeVideo(current, 'https://results.example/video.mp4', Date.now())
          : undefined,
      task,
    );
    const eventId = ended?.delivery?.eventId;
    if (eventId !== undefined) await wakeUps.sendDeliver({ taskId: task.id, eventId }, task.workspaceId);
  };

  return {
    /** Stores running tasks that call these URLs. */
    async putRunning(urls: readonly string[]): Promise<Task[]> {
      const running = urls.map(aRunningTask);
      for (const group of inGroupsOf(20, running)) await Promise.all(group.map(tasks.create));
      return running;
    },
    /** Ends the tasks in this order, so many a second. */
    async end(running: readonly Task[], perSecond: number): Promise<void> {
      const startedAtMs = Date.now();
      const ends: Promise<void>[] = [];
      for (const [index, task] of running.entries()) {
        await sleep(Math.max(0, startedAtMs + (index * 1000) / perSecond - Date.now()));
        ends.push(endOne(task));
      }
      await Promise.all(ends);
    },
    attemptsOf: async ({ id }: Task) => (await tasks.find(id))?.delivery?.attempts ?? 0,
    endedAtMs: async ({ id }: Task) => {
      const task = await tasks.find(id);
      return task !== undefined && isEnded(task) ? task.endedAtMs : Number.NaN;
    },
    async stop() {
      await source.stop();
      cloud.stop();
    },
  };
};

type BenchReceiver = {
  url: string;
  /** When the first byte of each task's callback came. */
  firstByteAtMs: Map<string, number>;
  requests: () => number;
  stop(): Promise<void>;
};

/** Answers after this time; `undefined`: never. */
export const startBenchReceiver = async (answerAfterMs: number | undefined): Promise<BenchReceiver> => {
  const firstByteAtMs = new Map<string, number>();
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    const taskId = String(request.headers['webhook-task-id']);
    if (!firstByteAtMs.has(taskId)) firstByteAtMs.set(taskId, Date.now());
    if (answerAfterMs !== undefined) setTimeout(() => response.writeHead(204).end(), answerAfterMs);
    request.resume();
  });
  const port = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${port}/callback`,
    firstByteAtMs,
    requests: () => requests,
    stop: () => stopListening(server),
  };
};
