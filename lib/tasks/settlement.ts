import { secondMs } from '../time.ts';
import { costOfFailure, costOfVideo } from './cost.ts';
import type { TaskEventType } from './delivery.ts';
import {
  type EndedTask,
  type Failure,
  imageIdentity,
  isEnded,
  type RunningVideo,
  type Task,
  type TaskImage,
  type UnfinishedImage,
  type UnfinishedTask,
  videoIdentity,
} from './task.ts';
import { eventHead, newDelivery } from './task-event.ts';
import type { TaskCost } from './task-money.ts';

/** The task with an event due at once, if the client asked for it. */
export const withEvent = <AnyTask extends Task>(
  task: AnyTask,
  type: TaskEventType,
  nowMs: number,
): AnyTask => {
  if (!task.callback?.events.includes(type)) return task;
  const delivery = newDelivery(eventHead(task.id, type, nowMs));
  return { ...task, delivery: { ...delivery, ...(task.fastRetries && { isFast: true }) } };
};

const endOfVideo = (task: Extract<UnfinishedTask, { kind: 'video' }>, endedAtMs: number) => ({
  ...videoIdentity.parse(task),
  state: 'ended' as const,
  endedAtMs,
  ...(task.state === 'running' && { render: task.render }),
});

const endOfImage = (task: UnfinishedImage, endedAtMs: number) => ({
  ...imageIdentity.parse(task),
  state: 'ended' as const,
  endedAtMs,
  ...(task.startedAtMs !== undefined && { startedAtMs: task.startedAtMs }),
});

/** Ends of which no provider told: a task that it has, or may have, may still be made and charged. */
const untoldEnds: ReadonlySet<Failure['code']> = new Set([
  'expired',
  'unconfirmed',
  'lost_by_provider',
  'interrupted',
  'failed_by_operator',
]);

/** What the provider charged for a failure nevertheless. */
type Charged = { units?: string | undefined; cost?: TaskCost | undefined };

const costOfFailed = (task: UnfinishedTask, code: Failure['code'], { units, cost }: Charged): TaskCost => {
  const told = costOfFailure(task.kind === 'video' ? task.price : undefined, units);
  // The sandbox charges for nothing that it did not make.
  if (!task.livemode) return told;
  return cost ?? (task.state !== 'queued' && untoldEnds.has(code) ? { microUsd: null } : told);
};

/** Ends a task for ever and makes its event due in the same write. One that has ended stays as it is. */
export const failTask = (
  task: Task,
  { units, cost, ...failure }: Omit<Failure, 'status'> & Charged,
  nowMs: number,
): EndedTask => {
  if (isEnded(task)) return task;
  const end = {
    result: { status: 'FAILURE', ...failure } as const,
    cost: costOfFailed(task, failure.code, { units, cost }),
  };
  const ended =
    task.kind === 'video' ? { ...endOfVideo(task, nowMs), ...end } : { ...endOfImage(task, nowMs), ...end };
  return withEvent(ended, `${task.kind}.failed`, nowMs);
};

/** `units`: what the provider says that it charged. */
export const completeVideo = (task: RunningVideo, url: string, nowMs: number, units?: string): EndedTask =>
  withEvent(
    {
      ...endOfVideo(task, nowMs),
      result: { status: 'SUCCESS', url },
      cost: costOfVideo(task.price, units),
    },
    'video.completed',
    nowMs,
  );

export type TaskImages = {
  images: readonly TaskImage[];
  /** The public id of the model that made them. */
  servedBy: string;
  warnings?: readonly string[];
  cost?: TaskCost;
};

export const completeImages = (
  task: UnfinishedImage,
  { images, servedBy, warnings = [], cost }: TaskImages,
  nowMs: number,
): EndedTask =>
  withEvent(
    {
      ...endOfImage(task, nowMs),
      resolvedModel: servedBy,
      result: {
        status: 'SUCCESS',
        images: [...images],
        ...(warnings.length > 0 && { warnings: [...warnings] }),
      },
      ...(cost !== undefined && { cost }),
    },
    'image.completed',
    nowMs,
  );

/** The end of a task that was still unfinished at its deadline. */
export const expire = (task: UnfinishedTask, nowMs: number): EndedTask =>
  failTask(task, { code: 'expired', reason: expiryReason(task) }, nowMs);

const expiryReason = (task: UnfinishedTask): string => {
  const limit = `${Math.round((task.deadlineAtMs - task.createdAtMs) / secondMs)} s`;
  if (task.state === 'unconfirmed')
    return `Not finished within ${limit}: the provider never confirmed that it received the task. Submit it again.`;
  if (task.state === 'queued' && task.kind === 'video')
    return `Not started within ${limit}: no slot was free for it, at the provider or among those that your workspace may use at once. Submit it again later or with a longer expires_after.`;
  return `Not finished within ${limit}. Submit it again, if it may take longer with a longer expires_after.`;
};
