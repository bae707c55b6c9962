import type { Log, LogFields } from '../observability/log.ts';
import type { Clock } from '../time.ts';
import type { Observer } from './observed-task-store.ts';
import { isEnded, statusOf, type Task } from './task.ts';

type Step = [message: string, fields: LogFields];

/** When the provider got it; for an image, when it was first asked. */
const submittedAtMs = (task: Task): number | undefined => {
  if (task.kind === 'image') return task.startedAtMs;
  return task.state === 'running' || task.state === 'ended' ? task.render?.submittedAtMs : undefined;
};

const submission = (before: Task, after: Task): Step[] => {
  const atMs = submittedAtMs(after);
  if (submittedAtMs(before) !== undefined || atMs === undefined) return [];
  return [['task submitted', { model: after.resolvedModel, delayMs: atMs - after.createdAtMs }]];
};

const ending = (before: Task, after: Task): Step[] => {
  if (isEnded(before) || !isEnded(after)) return [];
  const { result } = after;
  const fields = {
    model: after.resolvedModel,
    status: result.status,
    ...(result.status === 'FAILURE' && { code: result.code }),
    durationMs: after.endedAtMs - after.createdAtMs,
    // Only what a provider renders is polled.
    rendered: after.kind === 'video' && after.render !== undefined,
  };
  return [['task ended', fields]];
};

const delivery = (before: Task, { delivery: after }: Task, nowMs: number): Step[] => {
  if (after === undefined || after.state === 'pending') return [];
  if (before.delivery?.eventId === after.eventId && before.delivery.state === after.state) return [];
  const { eventId, type, attempts, createdAtMs } = after;
  const message = after.state === 'delivered' ? 'event delivered' : 'event undelivered';
  return [[message, { eventId, type, attempts, delayMs: nowMs - createdAtMs }]];
};

/** Only where no other line says it already: logs cost more than the requests they tell of. */
const otherMove = (before: Task, after: Task): Step[] => {
  const [from, to] = [statusOf(before), statusOf(after)];
  return from === to ? [] : [['task moved', { from, to }]];
};

/** What happened to a task between two of its versions, as log lines. */
export const stepsBetween = (before: Task, after: Task, nowMs: number): Step[] => {
  const milestones = [...submission(before, after), ...ending(before, after)];
  return [
    ...(milestones.length > 0 ? milestones : otherMove(before, after)),
    ...delivery(before, after, nowMs),
  ];
};

/** Logs each step of a task's life, whichever function makes it. */
export const createLogSteps =
  (log: Log, now: Clock): Observer =>
  (before, after) => {
    for (const [message, fields] of stepsBetween(before, after, now()))
      log.info(message, { taskId: after.id, workspaceId: after.workspaceId, ...fields });
  };
