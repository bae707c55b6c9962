import type { Log, LogFields } from '../log.ts';
import type { Clock } from '../time.ts';
import { isEnded, type Task } from './task.ts';
import type { TaskStore } from './task-store.ts';

type Step = [message: string, fields: LogFields];

const submission = (before: Task, after: Task): Step[] => {
  if (before.submittedAtMs !== undefined || after.submittedAtMs === undefined) return [];
  return [
    ['task submitted', { model: after.resolvedModel, delayMs: after.submittedAtMs - after.createdAtMs }],
  ];
};

const ending = (before: Task, after: Task): Step[] => {
  if (isEnded(before) || !isEnded(after) || after.endedAtMs === undefined) return [];
  const durationMs = after.endedAtMs - after.createdAtMs;
  // Only what a provider renders is polled.
  const rendered = after.operation !== undefined;
  return [['task ended', { model: after.resolvedModel, status: after.status, durationMs, rendered }]];
};

const delivery = (before: Task, { delivery: after }: Task, nowMs: number): Step[] => {
  if (after === undefined || after.state === 'pending') return [];
  if (before.delivery?.eventId === after.eventId && before.delivery.state === after.state) return [];
  const { eventId, type, attempts, createdAtMs } = after;
  const message = after.state === 'delivered' ? 'event delivered' : 'event undelivered';
  return [[message, { eventId, type, attempts, delayMs: nowMs - createdAtMs }]];
};

/** Only where no other line says it already: logs cost more than the requests they tell of. */
const otherMove = (before: Task, after: Task): Step[] =>
  before.status === after.status ? [] : [['task moved', { from: before.status, to: after.status }]];

/** What happened to a task between two of its versions, as log lines. */
export const stepsBetween = (before: Task, after: Task, nowMs: number): Step[] => {
  const milestones = [...submission(before, after), ...ending(before, after)];
  return [
    ...(milestones.length > 0 ? milestones : otherMove(before, after)),
    ...delivery(before, after, nowMs),
  ];
};

/** A task store that logs each step of a task's life, whichever function makes it. */
export const createWatchedTaskStore = (tasks: TaskStore, log: Log, now: Clock): TaskStore => ({
  ...tasks,
  async change(taskId, decide, seen) {
    let before: Task | undefined;
    const remember = (task: Task) => {
      before = task;
      return decide(task);
    };
    const change = await tasks.change(taskId, remember, seen);
    if (change.changed && before !== undefined)
      for (const [message, fields] of stepsBetween(before, change.task, now()))
        log.info(message, { taskId, workspaceId: change.task.workspaceId, ...fields });
    return change;
  },
});
