import { type Delivery, isEnded, type Task } from './task.ts';

export type NextStep = 'submit' | 'poll' | 'deliver';
export type Due = { step: NextStep; atMs: number };

const submissionDue = (task: Task): Due => ({
  step: 'submit',
  atMs: Math.max(task.submission.leaseUntilMs ?? 0, Math.min(task.submission.notBeforeMs, task.deadlineAtMs)),
});

const pollDue = (task: Task): Due => ({
  step: 'poll',
  atMs: Math.min(task.pollOverdueAtMs ?? task.deadlineAtMs, task.deadlineAtMs),
});

/** When the next attempt of an event is due, be it by the schedule or because the client asked for it. */
export const attemptDueAtMs = ({ state, nextAttemptAtMs, redeliverAtMs }: Delivery): number | undefined => {
  const times = [state === 'pending' ? nextAttemptAtMs : undefined, redeliverAtMs];
  const due = times.filter((atMs) => atMs !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
};

const deliveryDue = ({ delivery }: Task): Due[] => {
  const atMs = delivery && attemptDueAtMs(delivery);
  return atMs === undefined ? [] : [{ step: 'deliver', atMs: Math.max(delivery?.leaseUntilMs ?? 0, atMs) }];
};

const progressDue = (task: Task): Due[] => {
  if (isEnded(task)) return [];
  // An image is made by the call that submits it: there is nothing to poll.
  const isSubmitted = task.kind !== 'image' && task.status !== 'NOT_START' && task.status !== 'UNKNOWN';
  return [isSubmitted ? pollDue(task) : submissionDue(task)];
};

/** All that must still happen to a task, and when somebody has to see to it, soonest first. */
export const allDue = (task: Task): Due[] =>
  [...progressDue(task), ...deliveryDue(task)].sort((one, other) => one.atMs - other.atMs);

/** What must happen to a task next; nothing once there is nothing left to do. */
export const nextDue = (task: Task): Due | undefined => allDue(task)[0];

/**
 * What the due index shows of a task: what is next due, leases left aside. A lease is short and the sweep sees it on
 * the item, while an entry of the index that need not move saves two writes at every claim.
 */
export const nextLook = (task: Task): Due | undefined => {
  const { leaseUntilMs: _submitting, ...submission } = task.submission;
  if (task.delivery === undefined) return nextDue({ ...task, submission });
  const { leaseUntilMs: _delivering, ...delivery } = task.delivery;
  return nextDue({ ...task, submission, delivery });
};
