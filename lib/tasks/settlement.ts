import { type Delivery, type EventType, isEnded, type Task, type TaskImage } from './task.ts';
import { eventIdFor } from './task-id.ts';

const newDelivery = (task: Task, type: EventType, nowMs: number): Delivery => ({
  eventId: eventIdFor(task.id, type),
  type,
  createdAtMs: nowMs,
  state: 'pending',
  attempts: 0,
  nextAttemptAtMs: nowMs,
});

/** The task with an event due at once, if the client wants to hear of it. */
export const withEvent = (task: Task, type: EventType, nowMs: number): Task =>
  task.callback?.events.includes(type) ? { ...task, delivery: newDelivery(task, type, nowMs) } : task;

type Ending =
  | { status: 'SUCCESS'; resultUrl: string; images?: TaskImage[] }
  | { status: 'FAILURE'; failReason: string };

/**
 * Ends a task for ever and makes its event due in the same write. What only served the work is erased: the request
 * (it holds the prompt) and the wake-ups. A task that has ended stays as it is.
 */
export const settle = (task: Task, ending: Ending, nowMs: number): Task => {
  if (isEnded(task)) return task;
  const { request: _request, imageWork: _imageWork, ...withoutWork } = task;
  const { pollOverdueAtMs: _pollOverdue, pushPollAtMs: _pushPoll, ...withoutWaits } = withoutWork;
  const { hearsPushes: _hearsPushes, uncopiedUrl: _uncopied, ...kept } = withoutWaits;
  const {
    leaseUntilMs: _lease,
    unansweredSinceMs: _unanswered,
    place: _place,
    line: _line,
    ...submission
  } = task.submission;
  const ended: Task = { ...kept, ...ending, submission, endedAtMs: nowMs };
  return withEvent(ended, endingEvent(ended), nowMs);
};

const endingEvent = ({ kind, status }: Task): EventType =>
  `${kind ?? 'video'}.${status === 'SUCCESS' ? 'completed' : 'failed'}`;

/** The end of a task that was still unfinished at its deadline. */
export const expire = (task: Task, nowMs: number): Task =>
  settle(task, { status: 'FAILURE', failReason: expiryReason(task) }, nowMs);

const expiryReason = (task: Task): string => {
  const limit = `${Math.round((task.deadlineAtMs - task.createdAtMs) / 1000)} s`;
  if (task.status === 'UNKNOWN')
    return `Not finished within ${limit}: the provider never confirmed that it received the task. Submit it again.`;
  if (task.submission.line === 'workspace')
    return `Not started within ${limit}: as many of the workspace's videos as may be made at once came before it. Submit it again later or with a longer expires_after.`;
  if (task.status === 'NOT_START')
    return `Not started within ${limit}: the provider had no free slot. Submit it again later or with a longer expires_after.`;
  return `Not finished within ${limit}. Submit it again, if it may take longer with a longer expires_after.`;
};
