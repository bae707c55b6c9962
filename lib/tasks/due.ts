import type { Delivery } from './delivery.ts';
import { isEnded, type Task, type UnfinishedTask } from './task.ts';

export type NextStep = 'submit' | 'make-image' | 'poll' | 'deliver';
export type Due = { step: NextStep; atMs: number };

/** When an attempt of an event is due, by the schedule or because the client asked for it. */
export const attemptDueAtMs = ({ state, nextAttemptAtMs, redeliverAtMs }: Delivery): number | undefined => {
  const times = [state === 'pending' ? nextAttemptAtMs : undefined, redeliverAtMs];
  const due = times.filter((atMs) => atMs !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
};

/** When a task needs a worker: at its deadline at the latest, so that a deadline is kept. */
export const workDueAtMs = (task: UnfinishedTask): number => {
  switch (task.state) {
    case 'queued':
    case 'unconfirmed':
      return Math.min(task.notBeforeMs, task.deadlineAtMs);
    case 'submitting':
      // `overdue` looks at the lease: an entry of the index that stays saves two writes at every claim.
      return Math.min(task.kind === 'video' ? task.notBeforeMs : task.leaseUntilMs, task.deadlineAtMs);
    case 'running':
      return Math.min(task.pollOverdueAtMs, task.deadlineAtMs);
  }
};

const workDue = (task: Task): Due[] => {
  if (isEnded(task)) return [];
  const step = task.kind === 'image' ? 'make-image' : task.state === 'running' ? 'poll' : 'submit';
  return [{ step, atMs: workDueAtMs(task) }];
};

const deliveryDue = ({ delivery }: Task): Due[] => {
  const atMs = delivery && attemptDueAtMs(delivery);
  return atMs === undefined ? [] : [{ step: 'deliver', atMs }];
};

/** All that must still happen to a task, soonest first; who is at it for the moment is left aside. */
export const allDue = (task: Task): Due[] =>
  [...workDue(task), ...deliveryDue(task)].sort((one, other) => one.atMs - other.atMs);

/** What must happen to a task next, as the due index shows it. */
export const nextDue = (task: Task): Due | undefined => allDue(task)[0];

/** Until when somebody else does a step that is due. */
const leaseOf = (task: Task, step: NextStep): number => {
  if (step === 'deliver') return task.delivery?.leaseUntilMs ?? 0;
  return 'leaseUntilMs' in task ? (task.leaseUntilMs ?? 0) : 0;
};

/** What is overdue, and done by nobody. */
export const overdue = (task: Task, nowMs: number): Due[] =>
  allDue(task).filter(({ step, atMs }) => Math.max(atMs, leaseOf(task, step)) <= nowMs);
