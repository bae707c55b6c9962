import { createAttemptStore } from '../../lib/callbacks/attempt-store.ts';
import { createDeliverEvent, type DeliverEventDependencies } from '../../lib/callbacks/deliver-event.ts';
import { createEndpointLimiter } from '../../lib/callbacks/endpoint-limiter.ts';
import { createEventSender } from '../../lib/callbacks/event-sender.ts';
import { createReceiverStore } from '../../lib/callbacks/receiver-store.ts';
import { createWorkspaceStore } from '../../lib/keys/workspace-store.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { completeVideo, withEvent } from '../../lib/tasks/settlement.ts';
import type { RunningVideo, Task } from '../../lib/tasks/task.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { createWorkspaceEventStore } from '../../lib/tasks/workspace-event-store.ts';
import { aRender, aRunningTask } from './a-task.ts';
import { startTestCloud } from './cloud.ts';
import { aWorkspace } from './keys.ts';
import { silentLog } from './silent-log.ts';

type SentWakeUp = { taskId: string; eventId: string; group: string; delaySeconds: number };

/** Everything that delivers callbacks, on an embedded DynamoDB, with a clock that a test can put forward. */
export const startDeliveries = async () => {
  const cloud = await startTestCloud();
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const { table } = cloud;
  const wakeUps: SentWakeUp[] = [];
  const workspaces = createWorkspaceStore(table);
  const receivers = createReceiverStore(table, now);
  const dependencies: DeliverEventDependencies = {
    tasks: createDynamoTaskStore(table, now),
    workspaceEvents: createWorkspaceEventStore(table, now),
    workspaces,
    attempts: createAttemptStore(table, now),
    limiter: createEndpointLimiter({ receivers, now, random: Math.random }),
    wakeUps: {
      sendDeliver: async (message, group, delaySeconds = 0) => {
        wakeUps.push({ ...message, group, delaySeconds });
      },
    },
    send: createEventSender({ allowPrivate: true, now }),
    now,
    random: () => 0.5,
    log: silentLog,
  };
  const { tasks } = dependencies;
  const workspace = aWorkspace({ id: 'ws_deliveries' });
  await workspaces.create(workspace);

  const put = async (task: Task): Promise<Task> => {
    await tasks.create(task);
    return task;
  };
  const aTaskFor = (url: string, changes: Partial<RunningVideo> = {}): RunningVideo =>
    aRunningTask({
      id: newTaskId(),
      workspaceId: workspace.id,
      createdAtMs: now() - 60_000,
      render: { ...aRender, startedAtMs: now() - 50_000 },
      deadlineAtMs: now() + 7_200_000,
      expiresAtSeconds: Math.floor(now() / 1000) + 30 * 86_400,
      callback: { url, events: ['video.completed', 'video.failed', 'video.in_progress'] },
      ...changes,
    });
  const complete = (task: Task): Task =>
    task.kind === 'video' && task.state === 'running'
      ? completeVideo(task, 'https://results.example/video.mp4', now())
      : task;

  return {
    cloud,
    dependencies,
    tasks,
    workspaces,
    workspace,
    receivers,
    wakeUps,
    now,
    /** Puts the clock forward. */
    pass: (durationMs: number) => {
      aheadMs += durationMs;
    },
    /** Puts the clock right again. */
    backToNow: () => {
      aheadMs = 0;
    },
    /** A stored task that has just ended, with its event due. */
    anEndedTask: (url: string, changes: Partial<RunningVideo> = {}) => put(complete(aTaskFor(url, changes))),
    /** A stored task that runs, with its progress event due. */
    aTaskInProgress: (url: string) => put(withEvent(aTaskFor(url), 'video.in_progress', now())),
    /** Ends a stored task. */
    end: (task: Task) => tasks.change(task.id, complete),
    /** What the deliver function does on a wake-up. */
    deliver: (task: Task, changes: Partial<DeliverEventDependencies> = {}) =>
      createDeliverEvent({ ...dependencies, ...changes })(messageFor(task)),
    deliveryOf: async (task: Task) => (await tasks.find(task.id))?.delivery,
    attemptsOf: async (task: Task) =>
      (await dependencies.attempts.list(task.id, { limit: 100 })).attempts.toReversed(),
    stop: () => cloud.stop(),
  };
};
export type Deliveries = Awaited<ReturnType<typeof startDeliveries>>;

export const messageFor = ({ id, delivery }: Task) => ({ taskId: id, eventId: delivery?.eventId ?? '' });
